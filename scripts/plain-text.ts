import { stripVTControlCharacters } from "node:util";

/**
 * One line in which texts are somebody else's: none moves the cursor, paints, or begins another line. What
 * is left of a control character, or of one that turns the direction of text, is shown as a mark.
 */
export function toPlainLine(line: string): string {
  return stripVTControlCharacters(line).replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, "\u{fffd}");
}

/** The same for several lines, which may have tabs. */
export function toPlainText(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => line.split("\t").map(toPlainLine).join("\t"))
    .join("\n");
}
