import { UserError } from "../errors.ts";
import { checkPathName } from "../path-name.ts";

export interface NewToolWords {
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly scope?: string | undefined;
}

/** A new tool with all that follows from its name. */
export interface NewToolPlan {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly scope: string;
  /** Name of its file without the ending: the words of the name, joined by hyphens. */
  readonly file: string;
  /** Name of the tool in the code. */
  readonly identifier: string;
}

const nameForm = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;

/** Clients put the server's name before it, and models take 64 characters in all. */
const longestName = 48;
const titleLength = { least: 3, most: 40 };

/** Words that an import cannot have for a name, and those that the list or the test use themselves. */
const takenWords: ReadonlySet<string> = new Set(
  `arguments as async await break callTool case catch class const continue debugger default delete do else
  enum eval expect export extends false finally for from function get if implements import in instanceof
  interface let new null of package private protected public return set static super switch test this
  throw tools true try type typeof undefined var void while with yield`.split(/\s+/),
);

/**
 * Checks what a person says of a new tool, and fills in the rest.
 * @param taken names of the tools that there are. @param scopes those there are, the usual one first.
 * @throws UserError that names the field, why it is wrong, and what to do.
 */
export function planTool(
  words: NewToolWords,
  taken: readonly string[],
  scopes: readonly string[],
): NewToolPlan {
  const { name, scope = scopes[0], description } = words;
  if (!nameForm.test(name)) {
    throw new UserError(
      `name: "${name}" is not a name for a tool, which is lower case words joined by underscores. Use one like ${suggestName(name)}.`,
    );
  }
  if (name.length > longestName) {
    throw new UserError(
      `name: "${name}" has ${name.length} characters, and clients take ${longestName}. Use a shorter one.`,
    );
  }
  const file = checkPathName("name", name.replaceAll("_", "-"));
  if (taken.includes(name)) {
    throw new UserError(
      `name: a tool "${name}" already exists, in worker/tools/index.ts. Use another name, or edit that tool.`,
    );
  }
  const known = scopes.find((found) => found === scope);
  if (known === undefined) {
    throw new UserError(
      `--scope: there is no scope "${scope}". There are: ${scopes.join(", ")}. Use one of them, or add yours to worker/scopes.ts first.`,
    );
  }
  const title = words.title ?? toTitle(name);
  if (!isLine(title) || title.length < titleLength.least || title.length > titleLength.most) {
    throw new UserError(
      `--title: a title is one line of ${titleLength.least} to ${titleLength.most} characters. Give one, as in --title "Count words".`,
    );
  }
  if (description !== undefined && !isLine(description)) {
    throw new UserError(
      '--description: a description is one line of text. Give one that says what the tool does, when to use it and its bounds, as in --description "Counts words. Use it …".',
    );
  }
  return {
    name,
    title,
    description: description ?? templateDescription,
    scope: known,
    file,
    identifier: toIdentifier(name),
  };
}

/** True of the template, so that a new tool is right before its first edit. */
const templateDescription =
  "Counts the words of a text. Use it to see this new tool at work, then say here what it does, when to use it and its bounds. At most 1000 characters.";

function suggestName(name: string): string {
  const words = name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
  const suggested = words.replace(/[^a-z0-9]+/g, "_").replace(/^[_0-9]+|_+$/g, "");
  return suggested === "" ? "count_words" : suggested;
}

function toTitle(name: string): string {
  const words = name.replaceAll("_", " ");
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

function toIdentifier(name: string): string {
  const camel = name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return takenWords.has(camel) ? `${camel}Tool` : camel;
}

function isLine(text: string): boolean {
  return text.trim() !== "" && !/[\r\n]/.test(text);
}
