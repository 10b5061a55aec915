import { toJson } from "../../admin/format.ts";
import { countVerdicts } from "../verdict.ts";
import { type Report, toRunbookLink } from "./report.ts";

/** The report for a program: one object. */
export function formatJson({ lines, ...report }: Report): string {
  return `${toJson({
    ...report,
    totals: countVerdicts(lines),
    lines: lines.map((line) => ({
      id: line.check.id,
      title: line.check.title,
      verdict: line.verdict,
      reason: line.reason,
      ...(line.remedy !== undefined && { remedy: line.remedy }),
      runbook: toRunbookLink(line),
      durationMs: Math.round(line.duration),
    })),
  })}\n`;
}
