import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Builder } from "junit-report-builder";
import { UserError } from "../../errors.ts";
import { toJson } from "../../terminal/format.ts";
import {
  countVerdicts,
  formatEnd,
  formatHead,
  formatLine,
  formatMarkdown,
  type Report,
  toRunbookLink,
} from "./report.ts";

export const formats = ["text", "json", "junit", "markdown"] as const;

export type Format = (typeof formats)[number];

/** The whole report in one form. Text is without colours: lines on a terminal come one by one. */
export async function formatReport(report: Report, format: Format): Promise<string> {
  switch (format) {
    case "json":
      return formatJson(report);
    case "junit":
      return formatJunit(report);
    case "markdown":
      return formatMarkdown(report);
    case "text": {
      const plain = (_colour: string, text: string) => text;
      const lines = report.lines.map((line) => formatLine(line, plain));
      return [formatHead(report), ...lines, formatEnd(report, plain)].join("");
    }
  }
}

/** @throws UserError if the file cannot be written. */
export async function writeReport(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new UserError(`--output: ${file} cannot be written: ${(error as Error).message}.`);
  }
}

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

/**
 * The report as JUnit XML, for a CI that shows tests: a line is a test case. A warning passes with its
 * words in the output; what was not checked is skipped.
 */
function formatJunit({ origin, started, lines }: Report): string {
  // Loaded here: only a CI wants it. Its types promise a default export of ES modules, which its CommonJS
  // does not have.
  const builder = createRequire(import.meta.url)("junit-report-builder") as Builder;
  const report = builder.newBuilder();
  const suite = report
    .testSuite()
    .name(`doctor ${origin}`)
    .timestamp(new Date(started))
    .time(Math.round(lines.reduce((sum, { duration }) => sum + duration, 0)) / 1000);
  for (const line of lines) {
    const { check, verdict, reason, remedy, duration } = line;
    const test = suite
      .testCase()
      .className("doctor")
      .name(`${check.id}: ${check.title}`)
      .time(Math.round(duration) / 1000);
    const words = [reason, ...(remedy ? [remedy, toRunbookLink(line)] : [])].join("\n");
    if (verdict === "failed") test.failure(words, "failed");
    else test.standardOutput(`${verdict}: ${words}`);
    if (verdict === "not checked") test.skipped();
  }
  return report.build();
}
