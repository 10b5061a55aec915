import {
  applyEdits,
  createScanner,
  type Edit,
  type FormattingOptions,
  findNodeAtLocation,
  getNodeValue,
  modify,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from "jsonc-parser";
import { type DocumentFormat, SyntaxFault } from "./document.ts";

/** JSON with comments and trailing commas, as editors read it. */
export const jsonc: DocumentFormat = {
  read(text) {
    const root = parse(text);
    return root === undefined ? {} : getNodeValue(root);
  },

  setEntry(text, section, name, entry) {
    const servers = findSection(text, section);
    const isNew = servers !== undefined && findNodeAtLocation(servers, [name]) === undefined;
    if (isNew && hasCommentAtEnd(text, servers))
      return addAfterComments(text, servers, name, entry);
    // Or the file would end without a line end.
    const base = text.trim() === "" ? `{}${detectStyle(text).eol}` : text;
    return applyEdits(
      base,
      modify(base, [section, name], entry, { formattingOptions: detectStyle(base) }),
    );
  },

  removeEntry(text, section, name) {
    const servers = findSection(text, section);
    const property = servers?.children?.find((child) => child.children?.[0]?.value === name);
    if (servers === undefined || property === undefined) return text;
    return applyEdits(text, cutProperty(text, servers, property));
  },

  show: (section, name, entry) => JSON.stringify({ [section]: { [name]: entry } }, null, 2),
};

/** @returns undefined for an empty text. @throws SyntaxFault */
function parse(text: string): Node | undefined {
  if (text.trim() === "") return undefined;
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first !== undefined) throw createFault(text, describe(first), first.offset);
  if (root?.type !== "object") throw createFault(text, "the file is no object", root?.offset ?? 0);
  return root;
}

/** `PropertyNameExpected` as words. */
function describe({ error }: ParseError): string {
  return printParseErrorCode(error)
    .replace(/(?!^)([A-Z])/g, " $1")
    .toLowerCase();
}

function createFault(text: string, message: string, offset: number): SyntaxFault {
  const lines = text.slice(0, offset).split("\n");
  return new SyntaxFault(message, lines.length, (lines.at(-1)?.length ?? 0) + 1);
}

function findSection(text: string, section: string): Node | undefined {
  const root = parse(text);
  return root === undefined ? undefined : findNodeAtLocation(root, [section]);
}

/** Indentation and line ends as the file has them; two spaces where it has none. */
function detectStyle(text: string): FormattingOptions & { readonly eol: string } {
  const eol = /\r?\n/.exec(text)?.[0] ?? "\n";
  const [, indent = "  "] = /^([ \t]+)\S/m.exec(text) ?? [];
  const insertSpaces = !indent.startsWith("\t");
  return { eol, insertSpaces, tabSize: insertSpaces ? indent.length : 4 };
}

/** A token that is neither space nor line end. */
interface Mark {
  readonly isComma: boolean;
  readonly offset: number;
  readonly end: number;
}

/** Tokens between two offsets: commas and comments, where values are left out. */
function listMarks(text: string, from: number, to: number): Mark[] {
  const scanner = createScanner(text);
  scanner.setPosition(from);
  const marks: Mark[] = [];
  while (scanner.getPosition() < to) {
    scanner.scan();
    const token = scanner.getTokenValue();
    const offset = scanner.getTokenOffset();
    if (offset >= to) break;
    if (token.trim() === "") continue;
    marks.push({ isComma: token === ",", offset, end: offset + scanner.getTokenLength() });
  }
  return marks;
}

/** What stands between the last property of an object and its brace. */
function listMarksAtEnd(text: string, { offset, length, children = [] }: Node): Mark[] {
  const last = children.at(-1);
  const from = last === undefined ? offset + 1 : last.offset + last.length;
  return listMarks(text, from, offset + length - 1);
}

function hasCommentAtEnd(text: string, object: Node): boolean {
  return listMarksAtEnd(text, object).some(({ isComma }) => !isComma);
}

/**
 * Adds a property below the comments that end an object. The library would put it before them, and a
 * comment on the last property would then seem to be one on the new.
 */
function addAfterComments(text: string, object: Node, name: string, value: object): string {
  const marks = listMarksAtEnd(text, object);
  const last = object.children?.at(-1);
  const isClosed = marks.some(({ isComma }) => isComma);
  const { eol, insertSpaces, tabSize = 2 } = detectStyle(text);
  const step = insertSpaces ? " ".repeat(tabSize) : "\t";
  const indent = last === undefined ? step.repeat(2) : readIndent(text, last.offset);
  const property = `${JSON.stringify(name)}: ${JSON.stringify(value, null, step)}`;
  const content = `${eol}${indent}${property.replaceAll("\n", `${eol}${indent}`)}`;
  const edits: Edit[] = [
    {
      offset: marks.at(-1)?.end ?? object.offset + 1,
      length: 0,
      content: content + (isClosed ? "," : ""),
    },
  ];
  if (last !== undefined && !isClosed) {
    edits.unshift({ offset: last.offset + last.length, length: 0, content: "," });
  }
  return applyEdits(text, edits);
}

function readIndent(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset);
  return /^[ \t]*/.exec(line)?.[0] ?? "";
}

/** Cuts a property with its comma and its own lines, and no comment of another. */
function cutProperty(text: string, object: Node, property: Node): Edit[] {
  const children = object.children ?? [];
  const index = children.indexOf(property);
  const end = property.offset + property.length;
  const [after] = listMarks(text, end, object.offset + object.length - 1);
  const hasComma = after?.isComma === true;
  const until = hasComma ? after.end : end;
  const from = text.slice(0, property.offset).search(/\r?\n?[ \t]*$/);
  const edits: Edit[] = [{ offset: from, length: until - from, content: "" }];
  const previous = children[index - 1];
  if (!hasComma && previous !== undefined) {
    const comma = listMarks(text, previous.offset + previous.length, property.offset).find(
      ({ isComma }) => isComma,
    );
    if (comma !== undefined) edits.unshift({ offset: comma.offset, length: 1, content: "" });
  }
  return edits;
}
