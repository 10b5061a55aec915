import { escapeText, formatMarkdown, type Report } from "../doctor/report.ts";
import type { DeployPlan } from "./deploy-plan.ts";
import type { Prepared } from "./prepare.ts";

export interface DeployReport {
  readonly plan: DeployPlan;
  /** Doctor's reports on the new version, and on the one that was restored. */
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
        ? [index === 0 ? "**The new version:**" : "**What was restored:**", ""]
        : []),
      formatMarkdown(report),
    ]),
  ].join("\n");
}

/** Which version serves after an `up` that failed, and how to continue. */
export function tellState(
  before: string | undefined,
  after: string | undefined | "unknown",
  hasWayBack: boolean,
): string {
  const again = "Run this command again: it continues from there.";
  if (after === "unknown")
    return `Which version serves now is not known: Cloudflare did not say. ${again}`;
  if (after === undefined) return `The deployment ended midway, and no Worker serves yet. ${again}`;
  if (after === before) {
    return `The deployment ended midway, and the previous version still serves (${after}). ${again}`;
  }
  const known = hasWayBack ? " It still knows the previous version, in case doctor fails." : "";
  return `The deployment ended midway, and the new version serves already (${after}), though not everything around it is done. ${again}${known}`;
}

/** The state of things if Cloudflare's API failed between the deployment and doctor. */
export function tellUnjudged(reason: string, isEmpty: boolean, hasWayBack: boolean): string {
  const done = isEmpty
    ? "Nothing was to change, and doctor has not looked at what serves"
    : "The new version is deployed, and doctor has not looked at it";
  const known = hasWayBack ? " It still knows the previous version, in case doctor fails." : "";
  return `${done}: ${reason}${known}`;
}

/** What to do if doctor failed and nothing can be restored. */
export function tellNext({ plan: { stack, isEmpty }, obstacles }: Prepared): string {
  if (obstacles.length > 0) {
    return "Doctor failed, and there is no way back: the new version stays. Fix what doctor names, and deploy again.";
  }
  if (isEmpty) {
    return "Doctor failed. This run deployed nothing, so what serves stays. Fix what doctor names, and deploy; or deploy an older commit (`git checkout <commit>`).";
  }
  return `Doctor failed. This was the first deployment, so there is nothing to go back to, and it stays as it is. Fix what doctor names, and deploy again; or delete it with \`npm run mcp -- destroy --stack ${stack}\`, which first says what is lost.`;
}

export function tellWayBack(
  { source, id }: { source: string | undefined; id: string },
  isPassed: boolean,
) {
  const now = isPassed
    ? "Doctor finds no failure in it."
    : "Doctor finds a failure in it as well: it may have been there before, or lie outside of the Worker.";
  return `Doctor failed on the new version, so version ${source ?? id} was restored with its settings. ${now} The stack's settings file is as you wrote it: fix what doctor says about the new version, and deploy again.`;
}
