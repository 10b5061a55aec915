import { escapeText, formatProblems } from "../doctor/report/markdown.ts";
import type { Report } from "../doctor/report/report.ts";
import { countVerdicts, describeTotals, toExitCode } from "../doctor/verdict.ts";
import type { Deployment } from "./deployment.ts";
import type { SinceLastPush } from "./since-last-push.ts";

/** First line of each comment about previews, by which the one to edit is found. Nobody sees it. */
export const marker = "<!-- remote-mcp-server: preview -->";

/** What a comment tells. No secret is among it. */
export interface CommentParts {
  readonly pullRequest: number;
  readonly stack: string;
  readonly deployment: Deployment;
  readonly commit?: string | undefined;
  readonly expires: Date;
  readonly report: Report;
  /** Undefined at the first push. */
  readonly since?: SinceLastPush | undefined;
  /** Resources that were made or changed, as "9 made". */
  readonly resources: string;
  /** Whether the demo has a password that stands in the stack's outputs. */
  readonly hasPassword: boolean;
  /** Whether it is gone again, as after a rehearsal: then nothing is told that a reader could not use. */
  readonly isGone?: true;
}

/** The comment that a pull request gets, as Markdown. */
export function formatComment(parts: CommentParts): string {
  const { pullRequest, stack, deployment, commit, expires, report, since, resources } = parts;
  const isBroken = toExitCode(countVerdicts(report.lines)) === 1;
  const name = commit === undefined ? "" : ` at ${toCode(commit)}`;
  const head = [
    marker,
    isBroken
      ? `## ❌ Preview ${stack}: deployed${name}, and clients will fail`
      : `## ✅ Preview ${stack}${name}`,
    "",
  ];
  const told = [
    "### What changed",
    "",
    ...(since === undefined
      ? [`First push of this preview. Resources: ${resources}.`]
      : formatSince(since)),
    "",
    "### doctor",
    "",
    describeTotals(countVerdicts(report.lines)),
    ...formatProblems(report),
    "",
  ];
  if (parts.isGone) {
    return [
      ...head,
      `It was made at ${deployment.url} on a Cloudflare account inside this run, looked at, and removed again.`,
      "",
      ...told,
    ].join("\n");
  }
  return [
    ...head,
    `**${deployment.url}** · removed on ${expires.toISOString().slice(0, 10)} unless somebody pushes, or when the pull request is closed.`,
    "",
    "| Endpoint | For |",
    "|---|---|",
    `| ${toCode(deployment.mcpUrl)} | Streamable HTTP: Claude, ChatGPT, VS Code, Cursor |`,
    `| ${toCode(deployment.sseUrl)} | HTTP+SSE, for older clients and mcp-remote |`,
    "",
    ...formatClaude(deployment),
    ...formatPassword(parts),
    ...told,
    `To remove it now: \`npm run mcp -- preview down --pr ${pullRequest}\``,
    "",
  ].join("\n");
}

function formatClaude({ claudeDesktopConfig }: Deployment): string[] {
  return [
    "<details><summary>Claude Desktop: <code>claude_desktop_config.json</code></summary>",
    "",
    "```json",
    // No fence can end it: a backtick in JSON may be written as its code.
    JSON.stringify(claudeDesktopConfig, null, 2).replaceAll("`", "\\u0060"),
    "```",
    "",
    "</details>",
    "",
  ];
}

function formatPassword({ stack, hasPassword }: CommentParts): string[] {
  if (!hasPassword) return [];
  return [
    "Sign in with any email address and the preview's password. Whoever may read the stack sees it with:",
    "",
    "```sh",
    `npx pulumi stack output demoPassword --show-secrets -s ${stack}`,
    "```",
    "",
  ];
}

function formatSince(since: SinceLastPush): string[] {
  const { commits, resources, bundle, settings, toolsAdded, toolsRemoved } = since;
  const tools = [
    ...toolsAdded.map((name) => `+ ${toCode(name)}`),
    ...toolsRemoved.map((name) => `- ${toCode(name)}`),
  ];
  const range =
    commits === undefined
      ? []
      : commits.from === commits.to
        ? [`the same commit, ${toCode(commits.to)}`]
        : [`${toCode(commits.from)} → ${toCode(commits.to)}`];
  return [
    "| | Since the last push |",
    "|---|---|",
    ...range.map((text) => `| Commits | ${text} |`),
    `| Resources | ${resources} |`,
    `| Bundle | ${bundle} |`,
    `| Settings | ${describeSettings(settings)} |`,
    `| Tools | ${tools.length === 0 ? "the same" : tools.join(", ")} |`,
  ];
}

function describeSettings(settings: SinceLastPush["settings"]): string {
  if (settings === undefined) return "not to be seen";
  return settings.length === 0 ? "the same" : settings.map(toCode).join(", ");
}

/** A text as code, which nothing in it can end, in a table either. */
function toCode(text: string): string {
  return /^[\w.:/@-]+$/.test(text) ? `\`${text}\`` : escapeText(text);
}
