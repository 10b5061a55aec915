import { createProgress, type Progress } from "../../terminal/progress.ts";
import { countVerdicts, formatEnd, formatLine, type Paint } from "../doctor/report.ts";
import { showEngine } from "../stack/engine-events.ts";
import type { RunOptions } from "../stack/stack.ts";
import type { CommentParts } from "./comment.ts";

/** Shows a person how making or removing a preview proceeds. */
export interface Show {
  /** A step, as "Deploying pr-12". */
  step(text: string): void;
  /** Who is waited for; said once. */
  wait(who: string): void;
  readonly progress: Progress;
  /** For the engine's runs. */
  readonly engine: Pick<RunOptions, "onEvent" | "onWait" | "mostAge">;
}

/**
 * Milliseconds after which a preview's lock was left behind by a runner that is gone: the jobs of
 * .github/workflows/preview.yml end after 20 minutes.
 */
const mostAge = 30 * 60_000;

/** Shows steps on the standard error, and on a terminal what the engine works on. */
export function createShow(): Show {
  const progress = createProgress(process.stderr);
  const step = (text: string) => {
    progress.clear();
    console.error(text);
  };
  let last: string | undefined;
  const wait = (who: string) => {
    if (who !== last) step(`Waiting for ${who} …`);
    last = who;
  };
  return { step, wait, progress, engine: { ...showEngine(progress), onWait: wait, mostAge } };
}

/** The result of `preview up` for a person: where it is, what doctor found, how to get the password. */
export function formatResult(parts: CommentParts, paint: Paint): string {
  const { stack, deployment, report, expires, resources, hasPassword, isGone } = parts;
  const problems = report.lines.filter(({ verdict }) => verdict !== "ok");
  const use = [
    `  ${deployment.mcpUrl}\n  ${deployment.sseUrl}\n`,
    `Resources: ${resources}. Removed on ${expires.toISOString().slice(0, 10)} unless somebody pushes.\n`,
    ...(hasPassword
      ? [`Password: npx pulumi stack output demoPassword --show-secrets -s ${stack}\n`]
      : []),
  ];
  return [
    `${stack}: ${deployment.url}\n`,
    ...(isGone ? [`Resources: ${resources}. All of it is removed again.\n`] : use),
    ...(problems.length > 0 ? ["\n"] : []),
    ...problems.map((line) => formatLine(line, paint)),
    formatEnd(report, paint).replace(/^\n+/, "doctor: "),
  ].join("");
}

/** The same for a program. No secret is in it. */
export function toResult(parts: CommentParts): object {
  const { pullRequest, stack, deployment, commit, expires, resources, since, report } = parts;
  return {
    pullRequest,
    stack,
    url: deployment.url,
    mcpUrl: deployment.mcpUrl,
    sseUrl: deployment.sseUrl,
    commit,
    expires: expires.toISOString(),
    resources,
    sinceLastPush: since,
    doctor: {
      totals: countVerdicts(report.lines),
      problems: report.lines
        .filter(({ verdict }) => verdict !== "ok")
        .map(({ check, verdict, reason, remedy }) => ({ id: check.id, verdict, reason, remedy })),
      leftOver: report.leftOver,
    },
  };
}
