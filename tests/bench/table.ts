import type { Spread } from "./numbers.ts";
import type { MeasuredFigure } from "./run.ts";

/** A number as people read it: three digits that count, no more. */
export function toWords(value: number): string {
  const size = Math.abs(value);
  const digits = size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : 2;
  return value.toLocaleString("en-US", {
    maximumFractionDigits: digits,
    minimumFractionDigits: Number.isInteger(value) ? 0 : digits,
  });
}

/** Median, and how far the rounds lie apart. */
export function toSpreadWords({ median, min, max }: Spread): string {
  if (min === max) return toWords(median);
  return `${toWords(median)} (${toWords(min)}–${toWords(max)})`;
}

/**
 * A figure as a table for a terminal.
 * @param titles what the contestants are called, by their names, in order.
 */
export function toTerminalTable(
  { title, metrics }: MeasuredFigure,
  titles: Readonly<Record<string, string>>,
): string {
  const measured = Object.values(metrics);
  const names = Object.keys(titles).filter((name) => measured.some(({ values }) => name in values));
  const rows = [
    [title, ...names.map((name) => titles[name] ?? name)],
    ...measured.map(({ label, unit, values }) => [
      unit === "" ? label : `${label}, ${unit}`,
      ...names.map((name) => {
        const spread = values[name];
        return spread === undefined ? "-" : toSpreadWords(spread);
      }),
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
  const [head = "", ...rest] = lines;
  return [head, "-".repeat(head.length), ...rest].join("\n");
}
