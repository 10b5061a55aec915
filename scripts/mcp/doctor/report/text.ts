import { styleText } from "node:util";
import type { Line, Verdict } from "../check.ts";
import { countVerdicts, describeTotals, type Report, toExitCode, toRunbookLink } from "./report.ts";

const colours = { ok: "green", warning: "yellow", failed: "red", "not checked": "dim" } as const;

/** Columns of the longest verdict, and of the text beside it. */
const margin = "  not checked  ";

/** Puts a colour on a text, or leaves it. */
export type Paint = (colour: (typeof colours)[Verdict] | "bold", text: string) => string;

/** Colours if the standard output is a terminal that has them. */
export const paintForTerminal: Paint = (colour, text) =>
  styleText(colour, text, { stream: process.stdout });

export function formatHead({ origin, endpoints }: Pick<Report, "origin" | "endpoints">): string {
  return `doctor: ${origin} (${endpoints.join(", ")})\n\n`;
}

/** One line, with what to do below if it is not as it should be; nothing if the end says it once for all. */
export function formatLine(line: Line, paint: Paint): string {
  const { verdict, check, reason, remedy, behind } = line;
  if (behind !== undefined) return "";
  const label = `  ${paint(colours[verdict], verdict.padEnd(margin.length - 4))}  `;
  const help = remedy === undefined ? [] : [remedy, toRunbookLink(line)];
  const below = help.map((text) => `${" ".repeat(margin.length)}${text}\n`).join("");
  return `${label}${check.title}: ${reason}\n${below}`;
}

/** The verdict over all lines. */
export function formatEnd({ lines, leftOver }: Pick<Report, "lines" | "leftOver">, paint: Paint) {
  const totals = countVerdicts(lines);
  const { failed, "not checked": unknown } = totals;
  const verdict =
    toExitCode(totals) === 1
      ? paint("red", `Clients will fail: ${failed} of these lines failed.`)
      : unknown > 0
        ? paint("yellow", "Nothing failed, and some lines were not checked.")
        : paint("green", "Nothing failed.");
  const [hidden, ...others] = lines.filter(({ behind }) => behind !== undefined);
  const behind =
    hidden === undefined
      ? ""
      : `  ${paint("dim", `${1 + others.length} more lines were not checked: "${hidden.behind}" failed.`)}\n`;
  return `${behind}\n${leftOver.map((sentence) => `${sentence}\n`).join("")}${describeTotals(totals)} ${verdict}\n`;
}
