/**
 * Edits of one property. The library's own `modify` formats the lines around what it adds, and puts a
 * new property before the comment on the last one.
 */
import { createScanner, type Edit, type Node } from "jsonc-parser";

/** Adds a property at the end of an object, below the comments there. */
export function addProperty(text: string, object: Node, name: string, value: object): Edit[] {
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

/** Writes another value where one is. */
export function replaceValue(text: string, old: Node, value: object): Edit[] {
  const content = isOnOneLine(text, old)
    ? writeOnOneLine(text, value)
    : writeOnLines(value, readStyle(text), readIndent(text, old.offset));
  return [{ offset: old.offset, length: old.length, content }];
}

/** Cuts a property with its comma and its own lines, and no comment of another. */
export function cutProperty(text: string, object: Node, property: Node): Edit[] {
  const children = object.children ?? [];
  const index = children.indexOf(property);
  const [previous, next] = [children[index - 1], children[index + 1]];
  const after = listMarks(text, endOf(property), next?.offset ?? endOf(object) - 1);
  const isFollowed = after[0]?.isComma === true;
  const until = isFollowed ? (after[0]?.end ?? 0) : endOf(property);
  // Its line end goes where nothing else is on its last line: a comment before it may end with it.
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

/** How a file is laid out. */
interface Style {
  readonly eol: string;
  /** One step of indentation; two spaces where the file has none. */
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

/** With a space after colons and commas where the file has them. */
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
