import { count } from "../../terminal/format.ts";
import {
  countVerdicts,
  describeTotals,
  escapeText,
  formatProblems,
  type Report,
  toExitCode,
} from "../doctor/report.ts";
import type { Changes } from "../stack/engine-events.ts";
import { listChangedSettings } from "../stack/settings-file.ts";
import type { DeployedPreview } from "./deployment.ts";

/** First line of each comment about previews, by which the one to edit is found. Nobody sees it. */
export const marker = "<!-- remote-mcp-server: preview -->";

export interface CommentParts {
  readonly pullRequest: number;
  readonly stack: string;
  readonly deployment: DeployedPreview;
  readonly commit?: string | undefined;
  readonly expires: Date;
  readonly report: Report;
  /** Undefined at the first push. */
  readonly since?: SinceLastPush | undefined;
  /** Resources that were made or changed, as "9 made". */
  readonly resources: string;
  /** Whether the demo has a password, which is in the stack's outputs. */
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

function formatClaude({ claudeDesktopConfig }: DeployedPreview): string[] {
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
  if (settings === undefined) return "not visible";
  return settings.length === 0 ? "the same" : settings.map(toCode).join(", ");
}

/** A text as code, which nothing in it can end, in a table either. */
function toCode(text: string): string {
  return /^[\w.:/@-]+$/.test(text) ? `\`${text}\`` : escapeText(text);
}

interface Pushed {
  readonly commit?: string | undefined;
  readonly deployment: DeployedPreview;
  /** Settings as the Worker reads them, in JSON; undefined if they cannot be seen. */
  readonly settings?: unknown;
}

/** The changes of a push, in words without Markdown. */
interface SinceLastPush {
  /** Commits before and after; undefined if either is not known. */
  readonly commits?: { readonly from: string; readonly to: string };
  /** Resources, as "1 updated". */
  readonly resources: string;
  /** Bytes after gzip that the bundle has more, or less. */
  readonly bundle: string;
  /** Names of settings that changed, as `server.title`, without secret ones; undefined if nobody sees. */
  readonly settings: readonly string[] | undefined;
  readonly toolsAdded: readonly string[];
  readonly toolsRemoved: readonly string[];
}

const done: Readonly<Record<string, string>> = {
  create: "made",
  update: "updated",
  delete: "deleted",
  replace: "replaced",
  "create-replacement": "replaced",
  "delete-replaced": "deleted as replaced",
};

export function compareWithLastPush(
  before: Pushed,
  after: Pushed,
  changes: Changes,
): SinceLastPush {
  const known = before.deployment.tools;
  const [old, now] = [new Set(known), new Set(after.deployment.tools)];
  return {
    ...(before.commit !== undefined &&
      after.commit !== undefined && { commits: { from: before.commit, to: after.commit } }),
    resources: describeLastPush(changes),
    bundle: describeBundle(before.deployment.bundle, after.deployment.bundle),
    settings:
      before.settings === undefined || after.settings === undefined
        ? undefined
        : listChangedSettings(before.settings, after.settings),
    // Of a deployment that named no tools, none can be told to be new.
    toolsAdded: known === undefined ? [] : [...now].filter((name) => !old.has(name)),
    toolsRemoved: [...old].filter((name) => !now.has(name)),
  };
}

/** Resources that a run has changed, as "9 made, 1 updated". */
export function describeLastPush(changes: Changes): string {
  const parts = Object.entries(changes).map(([kind, number]) => `${number} ${done[kind] ?? kind}`);
  return parts.length === 0 ? "none changed" : parts.join(", ");
}

function describeBundle(
  before: DeployedPreview["bundle"],
  after: DeployedPreview["bundle"],
): string {
  const size = `${count(after.gzipBytes, "byte")} after gzip`;
  if (before.sha256 === after.sha256) return `unchanged, ${size}`;
  const delta = after.gzipBytes - before.gzipBytes;
  return `${size}, ${delta === 0 ? "as many as before" : `${Math.abs(delta)} ${delta > 0 ? "more" : "less"}`}`;
}
