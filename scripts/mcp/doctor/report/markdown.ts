import type { Verdict } from "../check.ts";
import { countVerdicts, describeTotals } from "../verdict.ts";
import { type Report, toRunbookLink } from "./report.ts";

const marks: Readonly<Record<Verdict, string>> = {
  ok: "✅ ok",
  warning: "⚠️ warning",
  failed: "❌ failed",
  "not checked": "⬜ not checked",
};

/** The report as Markdown, for a pull request or an issue. */
export function formatMarkdown({ origin, started, lines, leftOver }: Report): string {
  const rows = lines.map((line) => {
    const { check, verdict, reason, remedy } = line;
    const help = remedy ? `<br>${escapeText(remedy)} [Runbook](${toRunbookLink(line)})` : "";
    return `| ${marks[verdict]} | ${escapeText(check.title)} | ${escapeText(reason)}${help} |`;
  });
  return [
    `## doctor: ${escapeText(origin)}`,
    "",
    `${describeTotals(countVerdicts(lines))} ${started}`,
    "",
    "| | What should be true | What was seen |",
    "|---|---|---|",
    ...rows,
    ...(leftOver.length > 0
      ? ["", ...leftOver.map((sentence) => `- ${escapeText(sentence)}`)]
      : []),
    "",
  ].join("\n");
}

/** A text of a server's must stay a text: no cell, tag, link or picture of its own. */
function escapeText(text: string): string {
  return text.replace(/[\\`*_[\]<>|~!&#]/g, "\\$&").replace(/https?:/g, "$&\u200b");
}
