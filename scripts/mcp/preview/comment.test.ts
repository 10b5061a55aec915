import { expect, test } from "vitest";
import type { Line, Verdict } from "../doctor/check.ts";
import { type CommentParts, compareWithLastPush, formatComment, marker } from "./comment.ts";

function line(id: string, verdict: Verdict, reason: string, remedy?: string): Line {
  const check = { id, title: `${id} is fine`, runbook: "no-answer", run: () => Promise.reject() };
  return { check, verdict, reason, duration: 1, ...(remedy !== undefined && { remedy }) };
}

const origin = "https://example-pr-12.ada.workers.dev";
const deployment = {
  url: `${origin}/`,
  mcpUrl: `${origin}/mcp`,
  sseUrl: `${origin}/sse`,
  scriptName: "example-pr-12",
  kvNamespaceId: "f".repeat(32),
  bundle: { bytes: 500, gzipBytes: 120, sha256: "a" },
  tools: ["sum", "history"],
  claudeDesktopConfig: { mcpServers: { example: { args: ["mcp-remote", `${origin}/sse`] } } },
};
const parts: CommentParts = {
  pullRequest: 12,
  stack: "pr-12",
  deployment,
  commit: "2222222",
  expires: new Date("2026-12-02T10:00:00Z"),
  report: {
    origin,
    endpoints: ["/mcp", "/sse"],
    started: "2026-11-25T10:00:00Z",
    lines: [line("name", "ok", "1.2.3.4"), line("cors", "not checked", "No browser.")],
    leftOver: [],
  },
  resources: "13 made",
  hasPassword: true,
};

test("a first push's comment names the address, both endpoints, Claude's block, the way to the password, doctor and the end", () => {
  const comment = formatComment(parts);
  console.log(comment);
  expect(comment.startsWith(`${marker}\n## ✅ Preview pr-12 at \`2222222\``)).toBe(true);
  for (const text of [
    `**${origin}/** · removed on 2026-12-02`,
    `\`${origin}/mcp\``,
    `\`${origin}/sse\``,
    '"mcp-remote"',
    "npx pulumi stack output demoPassword --show-secrets -s pr-12",
    "First push of this preview. Resources: 13 made.",
    "2 lines: 1 ok, 0 warnings, 0 failed, 1 not checked.",
    "cors is fine",
    "preview down --pr 12",
  ]) {
    expect(comment).toContain(text);
  }
  // A line that is ok is counted, not shown.
  expect(comment).not.toContain("name is fine");
  expect(formatComment({ ...parts, hasPassword: false })).not.toContain("demoPassword");
});

test("a failed line heads the comment, and what a server says stays a text", () => {
  const evil = "| <img src=x> [here](https://evil.example)\n# @everyone `x`";
  const lines = [line("page", "failed", evil, "Mend it.")];
  const comment = formatComment({ ...parts, report: { ...parts.report, lines, leftOver: [evil] } });
  expect(comment).toContain("## ❌ Preview pr-12: deployed at `2222222`, and clients will fail");
  expect(comment).not.toMatch(/(?<!\\)<img|(?<!\\)\[here|https:\/\/evil|@everyone|^# /m);
  const row = comment.split("\n").find((text) => text.includes("page is fine")) ?? "";
  expect(row.match(/(?<!\\)\|/g)).toHaveLength(4);
});

test("a commit or a server's name that is Markdown breaks out of nothing", () => {
  const wild = {
    ...deployment,
    claudeDesktopConfig: { mcpServers: { "```\n<b>": {} } },
  };
  const comment = formatComment({ ...parts, deployment: wild, commit: "x` <b>" });
  expect(comment.match(/```/g)).toHaveLength(4);
  expect(comment).toContain("at x\\` \\<b\\>");
});

test("what changed since the last push: commits, resources, the bundle's bytes, tools", () => {
  const after = {
    ...deployment,
    bundle: { bytes: 510, gzipBytes: 125, sha256: "b" },
    tools: ["sum", "whoami"],
  };
  const since = compareWithLastPush(
    { commit: "1111111", deployment, settings: '{"server":{"title":"Example"},"tools":{"tax":1}}' },
    { commit: "2222222", deployment: after, settings: '{"server":{"title":"Sums"},"tools":{}}' },
    { update: 1, replace: 2 },
  );
  expect(since).toEqual({
    commits: { from: "1111111", to: "2222222" },
    resources: "1 updated, 2 replaced",
    bundle: "125 bytes after gzip, 5 more",
    settings: ["server.title", "tools.tax"],
    toolsAdded: ["whoami"],
    toolsRemoved: ["history"],
  });
  const comment = formatComment({ ...parts, since });
  expect(comment).toContain("| Commits | `1111111` → `2222222` |");
  expect(comment).toContain("| Settings | `server.title`, `tools.tax` |");
  expect(comment).toContain("| Tools | + `whoami`, - `history` |");

  const same = { commit: "2222222", deployment };
  expect(compareWithLastPush(same, same, {})).toMatchObject({
    resources: "none changed",
    bundle: "unchanged, 120 bytes after gzip",
    settings: undefined,
    toolsAdded: [],
  });
  const unchanged = { ...same, settings: "{}" };
  expect(compareWithLastPush(unchanged, unchanged, {})).toMatchObject({ settings: [] });
  // Deployed before there was an output of tools: nobody can tell what is new.
  const { tools: _tools, ...older } = deployment;
  expect(compareWithLastPush({ deployment: older }, same, {})).toMatchObject({ toolsAdded: [] });
});
