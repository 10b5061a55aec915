import { toPrintableJson } from "../../worker/printable.ts";
import { toPlainLine } from "../plain-text.ts";

/** Seconds since the epoch as a day (UTC), `2026-07-28`. */
export function formatDay(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}

/**
 * A text that somebody else chose, for a terminal: no control character that would move the cursor, and
 * none that turns the direction of what follows. At most 60 characters.
 */
export function toTerminalText(text: string): string {
  const clean = toPlainLine(text).trim();
  const characters = [...clean];
  return characters.length > 60 ? `${characters.slice(0, 59).join("")}…` : clean;
}

/** JSON for a terminal or a program: characters that would steer a terminal are escaped, and mean the same. */
export function toJson(value: unknown): string {
  return toPrintableJson(value, 2);
}

/** Those of some sentences that are to be told: one whose condition does not hold is false or undefined. */
export function keepTold(sentences: readonly (string | false | undefined)[]): string[] {
  return sentences.filter((sentence) => typeof sentence === "string");
}

/** `1 grant`, `2 grants`. */
export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? "" : "s"}`;
}

/** How a command prints what it has found. */
export interface ListFormat<Row> {
  /** For a program: the rows alone, as JSON. */
  readonly isJson: boolean;
  /** How many there are and of what, as a sentence. */
  readonly heading: string;
  /** The rows for a person. Not called for none. */
  readonly format: (rows: readonly Row[]) => string;
}

/** A list for a program, or for a person under its heading. */
export function formatList<Row>(
  rows: readonly Row[],
  { isJson, heading, format }: ListFormat<Row>,
): string {
  if (isJson) return toJson(rows);
  return rows.length === 0 ? heading : `${heading}\n\n${format(rows)}`;
}

/** Columns under their titles. */
export function formatTable(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const all = [titles, ...rows];
  const widths = titles.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
