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
  /** Of an `inline`: all that is between the braces, and the position in it. */
  readonly within?: readonly [readonly AST.TOMLKeyValue[], number];
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
  return value.body.flatMap((child, index) =>
    findInValue(text, child, full, path, [value.body, index]),
  );
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
  return pieces
    .map((piece) => findCut(text, piece, pieces))
    .toReversed()
    .reduce((rest, [start, end]) => rest.slice(0, start) + rest.slice(end), text);
}

function findCut(text: string, piece: Piece, pieces: readonly Piece[]): Range {
  if (piece.within === undefined) return findLines(text, piece);
  const [siblings, index] = piece.within;
  const isCut = (sibling: AST.TOMLKeyValue) => pieces.some(({ key }) => key === sibling.key);
  const isLast = siblings.slice(index).every(isCut);
  if (!isLast) return [piece.start, siblings[index + 1]?.range[0] ?? piece.end];
  return [siblings[index - 1]?.range[1] ?? piece.start, piece.end];
}

function findLines(text: string, { start, end }: Piece): Range {
  const line = text.lastIndexOf("\n", start - 1) + 1;
  // The empty line above goes along, which stands there when an entry is added.
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
