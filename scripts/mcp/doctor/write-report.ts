import { writeFile } from "node:fs/promises";
import { UserError } from "../../errors.ts";
import { toJson } from "../../terminal/format.ts";
import { formatMarkdown } from "./report/markdown.ts";
import { countVerdicts, type Report, toRunbookLink } from "./report/report.ts";
import { formatEnd, formatHead, formatLine } from "./report/text.ts";

/** Forms of a report. */
export const formats = ["text", "json", "junit", "markdown"] as const;

/** Form of a report. */
export type Format = (typeof formats)[number];

/** The whole report in one form. Text is without colours: lines on a terminal come one by one. */
export async function formatReport(report: Report, format: Format): Promise<string> {
  switch (format) {
    case "json":
      return formatJson(report);
    case "junit": {
      // Loaded here: only a CI wants it.
      const { formatJunit } = await import("./report/junit.ts");
      return formatJunit(report);
    }
    case "markdown":
      return formatMarkdown(report);
    case "text": {
      const plain = (_colour: string, text: string) => text;
      const lines = report.lines.map((line) => formatLine(line, plain));
      return [formatHead(report), ...lines, formatEnd(report, plain)].join("");
    }
  }
}

/** @throws UserError where the file cannot be written. */
export async function writeReport(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new UserError(`--output: ${file} cannot be written: ${(error as Error).message}.`);
  }
}

/** The report for a program: one object. */
function formatJson({ lines, ...report }: Report): string {
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
