import { toPlainLine } from "../../../plain-text.ts";
import type { Line, Verdict } from "../check.ts";
import { countVerdicts, describeTotals, type Report, toRunbookLink } from "./report.ts";

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
