import { styleText } from "node:util";
import { toPlainLine } from "../../plain-text.ts";
import type { Line, Verdict } from "./check.ts";

export interface Report {
  readonly origin: string;
  /** Paths of the endpoints that were looked at. */
  readonly endpoints: readonly string[];
  /** When it began, as ISO 8601 in UTC. */
  readonly started: string;
  readonly lines: readonly Line[];
  /** Things that could not be cleaned up, in sentences. */
  readonly leftOver: readonly string[];
}

/** Where the runbook helps with a line, from the root of the checkout. */
export function toRunbookLink({ check }: Pick<Line, "check">): string {
  return `docs/runbook.md#${check.runbook}`;
}

type Totals = Readonly<Record<Verdict, number>>;

export function countVerdicts(lines: readonly Pick<Line, "verdict">[]): Totals {
  const totals = { ok: 0, warning: 0, failed: 0, "not checked": 0 };
  for (const { verdict } of lines) totals[verdict] += 1;
  return totals;
}

/** The totals in one sentence. What was not checked is said apart: it is not ok. */
export function describeTotals(totals: Totals): string {
  const { ok, warning, failed } = totals;
  const unknown = totals["not checked"];
  const all = ok + warning + failed + unknown;
  return `${all} lines: ${ok} ok, ${warning} ${warning === 1 ? "warning" : "warnings"}, ${failed} failed, ${unknown} not checked.`;
}

/** Exit code of the command: 1 if a client will fail, 0 otherwise. */
export function toExitCode({ failed }: Totals): 0 | 1 {
  return failed > 0 ? 1 : 0;
}

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

const marks: Readonly<Record<Verdict, string>> = {
  ok: "✅ ok",
  warning: "⚠️ warning",
  failed: "❌ failed",
  "not checked": "⬜ not checked",
};

/** The report as Markdown, for a pull request or an issue. */
export function formatMarkdown({ origin, started, lines, leftOver }: Report): string {
  return [
    `## doctor: ${escapeText(origin)}`,
    "",
    `${describeTotals(countVerdicts(lines))} ${started}`,
    "",
    ...formatTable(lines),
    ...formatLeftOver(leftOver),
    "",
  ].join("\n");
}

/** The lines that are not ok, and what could not be cleaned up; none if all is well. */
export function formatProblems({ lines, leftOver }: Pick<Report, "lines" | "leftOver">): string[] {
  const problems = lines.filter(({ verdict }) => verdict !== "ok");
  return [
    ...(problems.length > 0 ? ["", ...formatTable(problems)] : []),
    ...formatLeftOver(leftOver),
  ];
}

function formatTable(lines: readonly Line[]): string[] {
  const rows = lines.map((line) => {
    const { check, verdict, reason, remedy } = line;
    const help = remedy ? `<br>${escapeText(remedy)} [Runbook](${toRunbookLink(line)})` : "";
    return `| ${marks[verdict]} | ${escapeText(check.title)} | ${escapeText(reason)}${help} |`;
  });
  return ["| | What should be true | What was seen |", "|---|---|---|", ...rows];
}

function formatLeftOver(leftOver: readonly string[]): string[] {
  return leftOver.length > 0
    ? ["", ...leftOver.map((sentence) => `- ${escapeText(sentence)}`)]
    : [];
}

/** A text of a server's or an account's must stay a text: no cell, tag, link or picture of its own. */
export function escapeText(text: string): string {
  return toPlainLine(text.replace(/\s+/g, " "))
    .replace(/[\\`*_[\]<>|~!&#]/g, "\\$&")
    .replace(/https?:|@/g, "$&\u200b");
}
