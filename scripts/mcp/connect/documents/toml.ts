import { isDeepStrictEqual } from "node:util";
import { parse, patch, stringify, TomlFormat } from "@decimalturn/toml-patch";
import type { Entry } from "../client.ts";
import { type DocumentFormat, SyntaxFault } from "./document.ts";

/** TOML. */
export const toml: DocumentFormat = {
  read,

  setEntry(text, section, name, entry) {
    const wanted = withEntry(read(text), section, name, entry);
    const added = append(text, toml.show(section, name, entry));
    // As a table of its own, which people and Codex itself write; the library prefers another form.
    if (isReadAs(added, wanted)) return added;
    return patch(text, wanted);
  },

  removeEntry(text, section, name) {
    const { [section]: found, ...others } = read(text);
    const { [name]: _removed, ...rest } = found as Record<string, unknown>;
    const wanted = { ...others, [section]: rest };
    const cut = cutTable(text, toml.show(section, name, {}));
    // The library takes a comment of the next table along.
    if (isReadAs(cut, wanted) || isReadAs(cut, others)) return cut;
    return patch(text, wanted);
  },

  show(section, name, entry) {
    const format = TomlFormat.default();
    format.inlineTableStart = 2;
    const text = stringify({ [section]: { [name]: entry } }, format);
    // The head of an empty table above it says nothing.
    return text.slice(text.indexOf("[", 1)).trimEnd();
  },
};

function read(text: string): Record<string, unknown> {
  try {
    return parse(text) as Record<string, unknown>;
  } catch (error) {
    const { line, column, message } = error as Error & { line?: number; column?: number };
    if (line === undefined || column === undefined) throw error;
    // The message repeats the place and the line; what is wrong stands last.
    throw new SyntaxFault(message.split("\n").at(-1) ?? message, line, column + 1);
  }
}

function withEntry(
  values: Record<string, unknown>,
  section: string,
  name: string,
  entry: Entry,
): Record<string, unknown> {
  return { ...values, [section]: { ...(values[section] as object | undefined), [name]: entry } };
}

function append(text: string, block: string): string {
  const eol = /\r?\n/.exec(text)?.[0] ?? "\n";
  const lines = `${block}\n`.replaceAll("\n", eol);
  if (text.trim() === "") return text + lines;
  return `${text}${text.endsWith("\n") ? "" : eol}${eol}${lines}`;
}

/** Cuts a table with its head and the empty line above it; comments of the next one stay. */
function cutTable(text: string, head: string): string {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => line.replace(/#.*/, "").trim() === head);
  if (start === -1) return text;
  const next = lines.findIndex((line, index) => index > start && /^\s*\[/.test(line));
  let end = next === -1 ? lines.length : next;
  while (/^\s*(#.*)?$/.test(lines[end - 1] ?? "x")) end -= 1;
  const from = lines[start - 1]?.trim() === "" ? start - 1 : start;
  lines.splice(from, end - from);
  return lines.join("\n");
}

function isReadAs(text: string, wanted: object): boolean {
  try {
    // As JSON, for the classes that stand for dates.
    const [found, meant] = [read(text), wanted].map((value) => JSON.parse(JSON.stringify(value)));
    return isDeepStrictEqual(found, meant);
  } catch {
    return false;
  }
}
