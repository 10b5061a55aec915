import { escapeText, formatMarkdown } from "../doctor/report/markdown.ts";
import type { Report } from "../doctor/report/report.ts";
import type { Plan } from "./plan.ts";

/** What came of a deployment. */
export interface DeployReport {
  readonly plan: Plan;
  /** What doctor said of the new version, and of the one that was put back. */
  readonly doctor: readonly Report[];
  /** How it ended, in sentences. */
  readonly outcome: string;
}

/** The whole as Markdown, for the summary of a CI run. */
export function formatDeployReport({ plan, doctor, outcome }: DeployReport): string {
  const { stack, environment, scriptName, sections } = plan;
  return [
    `# deploy: ${stack}`,
    "",
    `**${escapeText(outcome)}**`,
    "",
    `Worker \`${scriptName}\`, ${environment}.`,
    "",
    ...sections.flatMap(({ title, sentences }) => [
      `## ${title}`,
      "",
      ...sentences.map((sentence) => `- ${escapeText(sentence)}`),
      "",
    ]),
    ...doctor.flatMap((report, index) => [
      ...(doctor.length > 1
        ? [index === 0 ? "**The new version:**" : "**What was put back:**", ""]
        : []),
      formatMarkdown(report),
    ]),
  ].join("\n");
}
