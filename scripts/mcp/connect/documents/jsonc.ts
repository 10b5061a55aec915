import {
  applyEdits,
  createScanner,
  type Edit,
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from "jsonc-parser";
import { type DocumentFormat, EditFault, SyntaxFault } from "./document.ts";

/** JSON with comments and trailing commas, as editors read it. */
export const jsonc: DocumentFormat = {
  read(text) {
    const root = parse(text);
    return root === undefined ? {} : getNodeValue(root);
  },

  setEntry(text, section, name, entry) {
    const root = parse(text);
    if (root === undefined) return `${jsonc.show(section, name, entry)}\n`;
    const servers = findNodeAtLocation(root, [section]);
    if (servers === undefined) {
      return applyEdits(text, addProperty(text, root, section, { [name]: entry }));
    }
    const old = findNodeAtLocation(servers, [name]);
    const edits =
      old === undefined ? addProperty(text, servers, name, entry) : replaceValue(text, old, entry);
    return applyEdits(text, edits);
  },

  removeEntry(text, section, name) {
    const root = parse(text);
    const servers = root && findNodeAtLocation(root, [section]);
    const property = servers?.children?.find((child) => child.children?.[0]?.value === name);
    if (servers === undefined || property === undefined) return text;
    return applyEdits(text, cutProperty(text, servers, property));
  },

  copyEntry(text, section, name, from) {
    const old = find(from, section, name);
    if (old === undefined) return text;
    const source = from.slice(old.offset, old.offset + old.length);
    const now = find(text, section, name);
    if (now !== undefined) {
      return applyEdits(text, [{ offset: now.offset, length: now.length, content: source }]);
    }
    // Where it goes is found with something that is not yet there.
    const added = jsonc.setEntry(text, section, name, {});
    const made = find(added, section, name);
    if (made === undefined) throw new EditFault("The entry has no place in the file.");
    return applyEdits(added, [{ offset: made.offset, length: made.length, content: source }]);
  },

  show: (section, name, entry) => JSON.stringify({ [section]: { [name]: entry } }, null, 2),
};

function find(text: string, section: string, name: string): Node | undefined {
  const root = parse(text);
  return root && findNodeAtLocation(root, [section, name]);
}

/** @returns undefined for an empty text. @throws SyntaxFault */
function parse(text: string): Node | undefined {
  if (text.trim() === "") return undefined;
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first !== undefined) throw createFault(text, describe(first), first.offset);
  if (root?.type !== "object")
    throw createFault(text, "the file is not an object", root?.offset ?? 0);
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

/** Adds a property at the end of an object, below the comments there. */
function addProperty(text: string, object: Node, name: string, value: object): Edit[] {
  const { offset, length, children = [] } = object;
  const last = children.at(-1);
  const marks = listMarks(text, last === undefined ? offset + 1 : endOf(last), offset + length - 1);
  const isClosed = marks.some(({ isComma }) => isComma);
  const at = marks.at(-1)?.end ?? (last === undefined ? offset + 1 : endOf(last));
  const comma: Edit[] =
    last === undefined || isClosed ? [] : [{ offset: endOf(last), length: 0, content: "," }];
  const end = isClosed ? "," : "";
  if (isOnOneLine(text, object) && (last !== undefined || isOnOneLine(text))) {
    const space = last !== undefined && /":\s/.test(text) ? " " : "";
    const content = `${space}${writeOnOneLine(text, { [name]: value })
      .slice(1, -1)
      .trim()}${end}`;
    return [...comma, { offset: at, length: 0, content }];
  }
  const style = readStyle(text);
  const own =
    last === undefined ? readIndent(text, offset) + style.step : readIndent(text, last.offset);
  const property = `${JSON.stringify(name)}: ${writeOnLines(value, style, own)}`;
  // An object with nothing in it may have its braces together.
  const after = isOnOneLine(text, object) ? style.eol + readIndent(text, offset) : "";
  const content = `${style.eol}${own}${property}${end}${after}`;
  return [...comma, { offset: at, length: 0, content }];
}

function replaceValue(text: string, old: Node, value: object): Edit[] {
  const content = isOnOneLine(text, old)
    ? writeOnOneLine(text, value)
    : writeOnLines(value, readStyle(text), readIndent(text, old.offset));
  return [{ offset: old.offset, length: old.length, content }];
}

/** Cuts a property with its comma and its own lines, and no comment of another. */
function cutProperty(text: string, object: Node, property: Node): Edit[] {
  const children = object.children ?? [];
  const index = children.indexOf(property);
  const [previous, next] = [children[index - 1], children[index + 1]];
  const after = listMarks(text, endOf(property), next?.offset ?? endOf(object) - 1);
  const isFollowed = after[0]?.isComma === true;
  const until = isFollowed ? (after[0]?.end ?? 0) : endOf(property);
  // Its line end goes if nothing else is on its last line: a comment before it may end with it.
  const isAlone = /^[ \t]*\r?\n/.test(text.slice(until));
  const from = isAlone ? text.slice(0, property.offset).search(/\r?\n?[ \t]*$/) : property.offset;
  const cut: Edit = { offset: from, length: until - from, content: "" };
  if (isFollowed) return [cut];
  // Another comma goes with it: one behind a comment, or for the last property the one before it.
  const comma =
    after.find(({ isComma }) => isComma) ??
    (previous && listMarks(text, endOf(previous), property.offset).find(({ isComma }) => isComma));
  return comma === undefined ? [cut] : [{ offset: comma.offset, length: 1, content: "" }, cut];
}

/** A comma or a comment. */
interface Mark {
  readonly isComma: boolean;
  readonly offset: number;
  readonly end: number;
}

/** Commas and comments between two offsets with no value between them. */
function listMarks(text: string, from: number, to: number): Mark[] {
  const scanner = createScanner(text);
  scanner.setPosition(from);
  const marks: Mark[] = [];
  while (scanner.getPosition() < to) {
    scanner.scan();
    const offset = scanner.getTokenOffset();
    if (offset >= to) break;
    const end = offset + scanner.getTokenLength();
    const token = text.slice(offset, end);
    if (token.trim() !== "") marks.push({ isComma: token === ",", offset, end });
  }
  return marks;
}

interface Style {
  readonly eol: string;
  /** One step of indentation; two spaces if the file has none. */
  readonly step: string;
}

function readStyle(text: string): Style {
  const eol = /\r?\n/.exec(text)?.[0] ?? "\n";
  // The first property's: a comment before it may be indented by one more space.
  const [, step = "  "] = /^([ \t]+)"/m.exec(text) ?? [];
  return { eol, step };
}

/** Indentation of the line on which an offset is. */
function readIndent(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset);
  return /^[ \t]*/.exec(line)?.[0] ?? "";
}

function writeOnLines(value: object, { eol, step }: Style, indent: string): string {
  return JSON.stringify(value, null, step).replaceAll("\n", eol + indent);
}

/** With a space after colons and commas if the file has them. */
function writeOnOneLine(text: string, value: object): string {
  if (!/":\s/.test(text)) return JSON.stringify(value);
  return JSON.stringify(value, null, 1).replace(/\n\s*/g, " ");
}

function isOnOneLine(
  text: string,
  { offset, length }: Pick<Node, "offset" | "length"> = {
    offset: 0,
    length: text.trimEnd().length,
  },
): boolean {
  return !text.slice(offset, offset + length).includes("\n");
}

function endOf({ offset, length }: Node): number {
  return offset + length;
}
