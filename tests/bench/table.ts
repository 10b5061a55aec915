import type { MeasuredFigure } from "../../scripts/docs/performance/measured.ts";
import type { Judged } from "../../scripts/docs/performance/targets.ts";
import { toRows, toWords } from "../../scripts/docs/performance/words.ts";

/**
 * A figure as a table for a terminal.
 * @param titles what the contestants are called, by their names, in order.
 */
export function toTerminalTable(
  figure: MeasuredFigure,
  titles: Readonly<Record<string, string>>,
): string {
  return align(toRows(figure, titles));
}

/** What the run is held to, and what it came to. */
export function toJudgement(judged: readonly Judged[]): string {
  return align([
    ["Held to", "must be", "is", ""],
    ...judged.map(({ label, wanted, found, isReached }) => [
      label,
      wanted,
      toWords(found),
      isReached ? "" : "missed",
    ]),
  ]);
}

/** The first column begins at the left, the others end at the right; a line is under the first row. */
function align(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join("  ")
      .trimEnd(),
  );
  const [head = "", ...rest] = lines;
  return [head, "-".repeat(head.length), ...rest].join("\n");
}
