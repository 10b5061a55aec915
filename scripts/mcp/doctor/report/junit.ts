import { createRequire } from "node:module";
import type { Builder } from "junit-report-builder";
import { type Report, toRunbookLink } from "./report.ts";

// Its types promise a default export of ES modules, which its CommonJS does not have.
const builder = createRequire(import.meta.url)("junit-report-builder") as Builder;

/**
 * The report as JUnit XML, for a CI that shows tests: a line is a test case. A warning passes with its
 * words in the output; what was not checked is skipped.
 */
export function formatJunit({ origin, started, lines }: Report): string {
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
