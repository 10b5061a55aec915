/**
 * TOML. The text is edited where the parser says that things are: libraries that write TOML from values
 * move comments and keys, and lose what a number of JavaScript cannot hold.
 */
import { type AST, getStaticTOMLValue, ParseError, parseTOML } from "toml-eslint-parser";
import { isRecord } from "../../../json.ts";
import type { Entry } from "../client.ts";
import { type DocumentFormat, EditFault, SyntaxFault } from "./document.ts";
import { cutPieces, findPieces, type Piece, swapPieces } from "./toml-pieces.ts";

export const toml: DocumentFormat = {
  read: (text) => getStaticTOMLValue(parse(text)),

  setEntry(text, section, name, entry) {
    const program = parse(text);
    const pieces = findPieces(text, program, [section, name]);
    const [first] = pieces;
    if (first?.kind === "table") {
      return swapPieces(text, pieces, toml.show(section, name, entry));
    }
    if (first !== undefined) {
      return swapPieces(text, pieces, `${writeKey(text, first, name)} = ${writeInline(entry)}`);
    }
    const inline = findInlineTable(program, section);
    if (inline !== undefined) {
      return addToInline(text, inline, `${writeInline({ [name]: entry }).slice(2, -2)}`);
    }
    return append(text, toml.show(section, name, entry));
  },

  removeEntry: (text, section, name) =>
    cutPieces(text, findPieces(text, parse(text), [section, name])),

  copyEntry(text, section, name, from) {
    const old = findPieces(from, parse(from), [section, name]);
    const now = findPieces(text, parse(text), [section, name]);
    const source = old.map(({ start, end }) => from.slice(start, end));
    const [kind] = new Set([...old, ...now].map((piece) => piece.kind));
    const isOneKind = [...old, ...now].every((piece) => piece.kind === kind);
    if (isOneKind && now.length > 0) {
      return swapPieces(text, now, source.join(kind === "inline" ? ", " : "\n"));
    }
    if (kind === "table" && isOneKind) return append(text, source.join("\n"));
    throw new EditFault("The previous entry is written in a form that has no place in the file.");
  },

  show: (section, name, entry) => writeTable([section, name], entry),
};

function parse(text: string): AST.TOMLProgram {
  try {
    return parseTOML(text);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    throw new SyntaxFault(error.message, error.lineNumber, error.column + 1);
  }
}

/** The value of `section = { … }`, to which no table can be added. */
function findInlineTable(
  { body: [top] }: AST.TOMLProgram,
  section: string,
): AST.TOMLInlineTable | undefined {
  const found = top.body.find(
    (node): node is AST.TOMLKeyValue =>
      node.type === "TOMLKeyValue" && getStaticTOMLValue(node.key).join("\0") === section,
  );
  return found?.value.type === "TOMLInlineTable" ? found.value : undefined;
}

function addToInline(text: string, { body, range }: AST.TOMLInlineTable, property: string): string {
  const last = body.at(-1);
  if (last === undefined) {
    const [start, end] = [range[0] + 1, range[1] - 1];
    if (text.slice(start, end).trim() === "") {
      return `${text.slice(0, start)} ${property} ${text.slice(end)}`;
    }
    // A comment is there: it ends with its line.
    return `${text.slice(0, end)}${property} ${text.slice(end)}`;
  }
  const at = last.range[1];
  const [rest = "", comma = ""] = /^[ \t]*(,?)[ \t]*#[^\r\n]*(\r?\n)/.exec(text.slice(at)) ?? [];
  if (rest === "") return `${text.slice(0, at)}, ${property}${text.slice(at)}`;
  // Below it, so that the comment stays the last member's.
  const line = text.slice(text.lastIndexOf("\n", last.range[0] - 1) + 1);
  const indent = /^[ \t]*/.exec(line)?.[0] ?? "";
  const eol = rest.endsWith("\r\n") ? "\r\n" : "\n";
  const head = `${text.slice(0, at)}${comma === "" ? "," : ""}${rest}`;
  return `${head}${indent}${property}${comma}${eol}${text.slice(at + rest.length)}`;
}

/** The key of what is there up to the entry's own name: `servers.orders.url` is `servers.orders`. */
function writeKey(text: string, { key, depth }: Piece, name: string): string {
  const part = key?.keys[depth - 1];
  return key === undefined || part === undefined ? name : text.slice(key.range[0], part.range[1]);
}

function append(text: string, block: string): string {
  const eol = /\r?\n/.exec(text)?.[0] ?? "\n";
  const lines = `${block}\n`.replace(/\r?\n/g, eol);
  if (text.trim() === "") return text + lines;
  return `${text}${text.endsWith("\n") ? "" : eol}${eol}${lines}`;
}

/** An entry as a table of its own, the tables in it below. */
function writeTable(path: readonly string[], entry: Entry): string {
  const values = Object.entries(entry).filter(([, value]) => !isRecord(value));
  const tables = Object.entries(entry).filter(([, value]) => isRecord(value));
  const lines = values.map(([key, value]) => `${printKey(key)} = ${writeInline(value)}`);
  const below = tables.map(([key, value]) => `\n${writeTable([...path, key], value as Entry)}`);
  return [`[${path.map(printKey).join(".")}]`, ...lines, ...below].join("\n");
}

/** A value on one line. @throws TypeError for what TOML has no word for. */
function writeInline(value: unknown): string {
  if (typeof value === "string") return writeText(value);
  if (Array.isArray(value)) return `[${value.map(writeInline).join(", ")}]`;
  if (isRecord(value)) {
    const pairs = Object.entries(value).map(
      ([key, each]) => `${printKey(key)} = ${writeInline(each)}`,
    );
    return pairs.length === 0 ? "{}" : `{ ${pairs.join(", ")} }`;
  }
  if (typeof value === "boolean" || Number.isFinite(value)) return String(value);
  throw new TypeError(`An entry of TOML cannot have ${typeof value}.`);
}

function printKey(key: string): string {
  return /^[\w-]+$/.test(key) && key !== "" ? key : writeText(key);
}

/** JSON's escapes are TOML's, but for one character that TOML wants escaped too. */
function writeText(text: string): string {
  return JSON.stringify(text).replaceAll("\u007f", "\\u007f");
}
