import { toPlainLine } from "../../plain-text.ts";
import { toJson } from "../../terminal/format.ts";
import { escapeText } from "../doctor/report.ts";
import type { Difference, DriftReport } from "./difference.ts";

export const driftFormats = ["text", "json", "markdown"] as const;

export type DriftFormat = (typeof driftFormats)[number];

/** A limit of every look at the account. */
const unseen =
  "The values of secrets are shown to nobody: a changed one is seen as a version that somebody else made.";

export function formatDriftReport(report: DriftReport, format: DriftFormat): string {
  if (format === "json")
    return `${toJson({ ...report, drifted: report.differences.length > 0 })}\n`;
  return format === "markdown" ? formatMarkdown(report) : formatText(report);
}

/** Heads what is told of things that a stack of another backend may have. */
const strays = "Not drift of this stack (--strict-orphans counts it):";

function formatText(report: DriftReport): string {
  const list = (differences: DriftReport["differences"]) =>
    differences.flatMap(({ what, expected, found, remedy }) => [
      `  ${toPlainLine(what)}`,
      `    expected  ${toPlainLine(expected)}`,
      `    found     ${toPlainLine(found)}`,
      `    ${toPlainLine(remedy)}`,
    ]);
  const orphans = report.orphans.length === 0 ? [] : [strays, ...list(report.orphans)];
  const unknown = report.notChecked.map(
    ({ what, reason }) => `  not checked  ${toPlainLine(what)}: ${toPlainLine(reason)}`,
  );
  return [
    head(report),
    "",
    ...list(report.differences),
    ...orphans,
    ...unknown,
    summarize(report),
    unseen,
    "",
  ].join("\n");
}

function formatMarkdown(report: DriftReport): string {
  const list = (differences: DriftReport["differences"]) => [
    "| What | Expected | Found | What to do |",
    "| --- | --- | --- | --- |",
    ...differences.map(
      ({ what, expected, found, remedy }) =>
        `| ${[what, expected, found, remedy].map(escapeText).join(" | ")} |`,
    ),
    "",
  ];
  const { differences, orphans } = report;
  const unknown = report.notChecked.map(
    ({ what, reason }) => `- not checked: ${escapeText(what)}: ${escapeText(reason)}`,
  );
  return [
    `## ${escapeText(head(report))}`,
    "",
    ...(differences.length > 0 ? list(differences) : []),
    ...(orphans.length > 0 ? [strays, "", ...list(orphans)] : []),
    ...(unknown.length > 0 ? [...unknown, ""] : []),
    summarize(report),
    "",
    unseen,
    "",
  ].join("\n");
}

function head({ stack, worker, looked }: DriftReport): string {
  return `drift: ${stack}${worker === undefined ? "" : ` (${worker})`}, ${looked.slice(0, 19)}Z`;
}

export function summarize({ differences, orphans, notChecked }: DriftReport): string {
  const rest = [
    ...(orphans.length > 0 ? [` ${orphans.length} of no stack of this backend.`] : []),
    ...(notChecked.length > 0 ? [` ${notChecked.length} not checked.`] : []),
  ].join("");
  if (differences.length === 0) return `No drift found.${rest}`;
  const mended = differences.filter(({ mend }) => mend !== "person").length;
  return `Drift: ${differences.length} found, of which --repair restores ${mended}.${rest}`;
}

export function describe({ what, expected, found }: Difference): string {
  return toPlainLine(`${what}: expected ${expected}, found ${found}`);
}
