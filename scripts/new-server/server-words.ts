import { UserError } from "../errors.ts";
import { findAddressProblem } from "../ownership/upstream.ts";

/** A person's words about their server, as far as they are given. */
export interface ServerWords {
  readonly name?: string | undefined;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly from?: string | undefined;
}

/** A server with all that is asked of it, checked. */
export interface ServerIdentity {
  /** Name of the Pulumi project, the package and the server. Every Worker's begins with it. */
  readonly name: string;
  /** Name for people. */
  readonly title: string;
  /** One sentence, for the package and the Pulumi project. */
  readonly description: string;
  /** Where upstream is. */
  readonly from: string;
}

const nameForm = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** Characters of a name: a Worker is called `<name>-<stack>`, and has 63 at most. */
const nameLength = { least: 2, most: 40 };

const titleLength = { least: 2, most: 60 };

/** A preview's title has " (preview)" behind it, and clients show 80 characters. */
const descriptionLength = { least: 3, most: 200 };

/** What is wrong with the name of a server; undefined for a good one. */
export function findNameProblem(name: string): string | undefined {
  if (!nameForm.test(name)) {
    return `"${name}" is not a name for a server: use lower case words joined by hyphens, such as ${suggestName(name)}.`;
  }
  const { least, most } = nameLength;
  if (name.length < least || name.length > most) {
    return `"${name}" has ${name.length} characters, and a name has ${least} to ${most}: a Worker is called <name>-<stack>. Use ${name.length < least ? "a longer" : "a shorter"} one.`;
  }
  return undefined;
}

/** What is wrong with a title; undefined for a good one. */
export function findTitleProblem(title: string): string | undefined {
  return findLineProblem(title, titleLength, "Acme orders");
}

/** What is wrong with the one sentence that describes a server; undefined for a good one. */
export function findDescriptionProblem(description: string): string | undefined {
  return findLineProblem(description, descriptionLength, "Orders of Acme, for people and models");
}

/** What is wrong with the address of upstream; undefined for a good one. */
export function findFromProblem(from: string): string | undefined {
  const problem = findAddressProblem(from);
  return problem && `"${from}" is not an address of a Git repository: ${problem}.`;
}

/**
 * Checks what a person said.
 * @throws UserError that names the option, why it is wrong, and what to do.
 */
export function checkIdentity(identity: ServerIdentity): ServerIdentity {
  const problems = [
    ["name", findNameProblem(identity.name)],
    ["--title", findTitleProblem(identity.title)],
    ["--description", findDescriptionProblem(identity.description)],
    ["--from", findFromProblem(identity.from)],
  ].flatMap(([field, problem]) => (problem === undefined ? [] : `${field}: ${problem}`));
  if (problems.length > 0) throw new UserError(problems.join("\n"));
  return identity;
}

function findLineProblem(
  text: string,
  { least, most }: { readonly least: number; readonly most: number },
  example: string,
): string | undefined {
  const isLine = text.trim() === text && !/\p{Cc}/u.test(text);
  if (isLine && text.length >= least && text.length <= most) return undefined;
  return `it must be one line of ${least} to ${most} characters, with no space at either end. Give one, such as "${example}".`;
}

function suggestName(name: string): string {
  const words = name.replace(/([a-z0-9])([A-Z])/g, "$1-$2").toLowerCase();
  const suggested = words.replace(/[^a-z0-9]+/g, "-").replace(/^[-0-9]+|-+$/g, "");
  return suggested === "" ? "acme-orders" : suggested;
}
