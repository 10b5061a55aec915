import { countVerdicts } from "../doctor/report/report.ts";
import { formatEnd, formatLine, type Paint } from "../doctor/report/text.ts";
import type { CommentParts } from "./comment.ts";

/** What `preview up` prints for a person: where it is, what doctor found, how to get the password. */
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
