/** Where in a file of TOML one entry is written: tables, keys with their values, or a part of a line. */
import { type AST, getStaticTOMLValue } from "toml-eslint-parser";

/** A part of a text that belongs to an entry alone, with the comment at the end of its last line. */
export interface Piece {
  /** `inline`: between the braces of another value. */
  readonly kind: "table" | "key" | "inline";
  readonly start: number;
  readonly end: number;
  /** Key of a `key` or an `inline`. */
  readonly key?: AST.TOMLKey;
  /** How many parts of the key name the entry. */
  readonly depth: number;
  /** Of an `inline`: all that is between the braces. */
  readonly within?: readonly AST.TOMLKeyValue[];
}

type Path = readonly (string | number)[];
type Range = readonly [start: number, end: number];

/** Everything that is below a path, in the order of the file. */
export function findPieces(text: string, program: AST.TOMLProgram, path: Path): Piece[] {
  return program.body[0].body.flatMap((node): Piece[] => {
    if (node.type === "TOMLKeyValue") return findInValue(text, node, [], path, undefined);
    const { resolvedKey, range, body } = node;
    if (startsWith(resolvedKey, path)) {
      return [{ kind: "table", start: range[0], end: endOfComment(text, range[1]), depth: 0 }];
    }
    if (!startsWith(path, resolvedKey)) return [];
    return body.flatMap((child) => findInValue(text, child, resolvedKey, path, undefined));
  });
}

function findInValue(
  text: string,
  node: AST.TOMLKeyValue,
  above: Path,
  path: Path,
  within: Piece["within"],
): Piece[] {
  const full = [...above, ...getStaticTOMLValue(node.key)];
  if (startsWith(full, path)) {
    const [start, end] = node.range;
    const found = { start, key: node.key, depth: path.length - above.length };
    if (within !== undefined) return [{ ...found, kind: "inline", end, within }];
    return [{ ...found, kind: "key", end: endOfComment(text, end) }];
  }
  const { value } = node;
  if (!startsWith(path, full) || value.type !== "TOMLInlineTable") return [];
  return value.body.flatMap((child) => findInValue(text, child, full, path, value.body));
}

/** Puts a text in the place of the first piece, and takes the others out. */
export function swapPieces(text: string, pieces: readonly Piece[], source: string): string {
  const [first, ...others] = pieces;
  if (first === undefined) return text;
  const eol = /\r?\n/.exec(text)?.[0] ?? "\n";
  // The others come after it, so it is where it was.
  const rest = cutPieces(text, others);
  return rest.slice(0, first.start) + source.replace(/\r?\n/g, eol) + rest.slice(first.end);
}

/** Takes pieces out with their lines, or their commas; comments of others stay. */
export function cutPieces(text: string, pieces: readonly Piece[]): string {
  const tables = new Set(pieces.flatMap(({ within }) => (within === undefined ? [] : [within])));
  const alone = pieces.filter(({ kind }) => kind !== "inline");
  const cuts = [
    ...alone.map((piece) => findLines(text, piece)),
    ...[...tables].flatMap((siblings) => findInlineCuts(text, siblings, pieces)),
  ];
  return cuts
    .toSorted(([one], [other]) => other - one)
    .reduce(
      ({ rest, from }, [start, end]) => ({
        rest: rest.slice(0, start) + rest.slice(Math.max(start, Math.min(end, from))),
        from: start,
      }),
      { rest: text, from: text.length },
    ).rest;
}

/** Every member goes with the comma behind it; the last one, if it has none, with the one in front. */
function findInlineCuts(
  text: string,
  siblings: readonly AST.TOMLKeyValue[],
  pieces: readonly Piece[],
): Range[] {
  const isCut = (sibling: AST.TOMLKeyValue) => pieces.some(({ key }) => key === sibling.key);
  const cuts = siblings.flatMap((sibling, index): Range[] => {
    if (!isCut(sibling)) return [];
    const [start, end] = sibling.range;
    const next = siblings[index + 1]?.range[0];
    if (next !== undefined && !text.slice(end, next).includes("#")) return [[start, next]];
    return [findOwnLine(text, start, end), ...findComma(text, end)];
  });
  const kept = siblings.findLastIndex((sibling) => !isCut(sibling));
  const [end, first, last] = [siblings[kept], siblings[kept + 1], siblings.at(-1)];
  if (end === undefined || first === undefined || last === undefined) return cuts;
  if (findComma(text, last.range[1]).length > 0) return cuts;
  const between: Range = [end.range[1], first.range[0]];
  const hasComment = text.slice(...between).includes("#");
  return [...cuts, ...(hasComment ? findComma(text, end.range[1]) : [between])];
}

/** The comma behind a member, after whatever comments. */
function findComma(text: string, at: number): Range[] {
  const found = /^(?:\s|#[^\r\n]*)*,/.exec(text.slice(at))?.[0].length;
  return found === undefined ? [] : [[at + found - 1, at + found]];
}

/** A member with the line that it has for itself, or the member alone. */
function findOwnLine(text: string, start: number, end: number): Range {
  const before = /(?<=\n)[ \t]*$/.exec(text.slice(0, start))?.[0].length;
  const after = /^[ \t]*,?[ \t]*\r?\n/.exec(text.slice(end))?.[0].length;
  if (before === undefined || after === undefined) return [start, end];
  return [start - before, end + after];
}

function findLines(text: string, { start, end }: Piece): Range {
  const line = text.lastIndexOf("\n", start - 1) + 1;
  // The empty line above is removed too, which is written when an entry is added.
  const blank = /(?<=^|\n)[ \t]*\r?\n$/.exec(text.slice(0, line))?.[0].length ?? 0;
  const eol = /^\r?\n/.exec(text.slice(end))?.[0].length ?? 0;
  return [line - blank, end + eol];
}

/** End of a line of which the rest is a comment, or nothing. */
function endOfComment(text: string, at: number): number {
  return at + (/^[ \t]*(#[^\r\n]*)?/.exec(text.slice(at))?.[0].length ?? 0);
}

function startsWith(path: Path, start: Path): boolean {
  return start.every((part, index) => path[index] === part);
}
