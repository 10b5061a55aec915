import { expect, test } from "vitest";
import { GitHubDouble } from "../../../tests/support/github.ts";
import { UserError } from "../../errors.ts";
import { GitHub } from "../../github/client.ts";
import { type CommentParts, marker } from "./comment.ts";
import { askGitHub, commentDown, commentUp, findOpen } from "./github-comment.ts";
import type { Preview } from "./tags.ts";

const origin = "https://example-pr-12.example.workers.dev";

/** What a preview that went well tells. */
const parts: CommentParts = {
  pullRequest: 12,
  stack: "pr-12",
  deployment: {
    url: `${origin}/`,
    mcpUrl: `${origin}/mcp`,
    sseUrl: `${origin}/sse`,
    scriptName: "example-pr-12",
    kvNamespaceId: "1",
    bundle: { bytes: 2, gzipBytes: 1, sha256: "a" },
    claudeDesktopConfig: {},
  },
  expires: new Date("2026-12-01"),
  report: { origin, endpoints: [], started: "", lines: [], leftOver: [] },
  resources: "9 made",
  hasPassword: true,
};

/** For a report that nobody looks at. */
const unheard = () => Promise.resolve();

test("a push that fails after one that went well does not leave the comment that all is well", async () => {
  await using double = await GitHubDouble.start();
  double.open(12);
  const workflow = { GITHUB_SERVER_URL: "https://github.com", GITHUB_RUN_ID: "77" };
  const environment = { ...double.environment, ...workflow };
  await commentUp(12, async () => parts, unheard, environment);
  const failure = new UserError("The account's token is wrong.");
  const second = commentUp(12, () => Promise.reject(failure), unheard, environment);
  await expect(second).rejects.toBe(failure);
  expect(double.comments).toHaveLength(1);
  const body = double.comments[0]?.body ?? "";
  expect(body).toMatch(/^<!-- .+ -->\n## ❌ Preview pr-12: the last push could not be deployed/);
  expect(body).toContain("https://github.com/ada/example/actions/runs/77");
  // Who reads the comment may not be one who may read the log.
  expect(body).not.toContain("token");
});

test("a comment that is refused is said, with what was done all the same, after that is written down", async () => {
  await using double = await GitHubDouble.start();
  double.open(12);
  double.faults.push({ method: "POST", path: /comments/, status: 403 });
  const told: CommentParts[] = [];
  const report = async (done: CommentParts) => void told.push(done);
  await expect(commentUp(12, async () => parts, report, double.environment)).rejects.toThrow(
    /pr-12 is deployed at https:.*; only the comment is missing\. .*pull-requests: write.* run the same command again/,
  );
  expect(told).toEqual([parts]);
});

test("nothing is made or removed where GitHub cannot be told", async () => {
  const act = () => Promise.reject(new Error("It was done."));
  for (const run of [commentUp(12, act, unheard, {}), commentDown(12, act, {})]) {
    await expect(run).rejects.toThrow(/^GITHUB_REPOSITORY/);
  }
  expect(() => askGitHub({})).toThrow(/^GITHUB_REPOSITORY/);
});

test("removing a preview edits its comment, and makes none where there is none", async () => {
  await using double = await GitHubDouble.start();
  double.open(12, 13);
  double.add(12, "github-actions[bot]", `${marker}\nup`);
  expect(await commentDown(12, async () => true, double.environment)).toBe(true);
  expect(await commentDown(13, async () => false, double.environment)).toBe(false);
  expect(double.comments).toHaveLength(1);
  expect(double.comments[0]?.body).toContain("## Preview pr-12 is removed");
});

test("a preview whose pull request a list has missed between two pages is not taken for closed", async () => {
  await using double = await GitHubDouble.start();
  for (let number = 1; number <= 150; number += 1) double.open(number);
  double.pullRequests.set(40, "closed");
  double.onCall = (call) => {
    if (call.endsWith("page=2")) double.pullRequests.set(1, "closed");
  };
  const previews = [40, 102, 120].map((pullRequest): Preview => {
    return { pullRequest, stack: `pr-${pullRequest}` };
  });
  const github = new GitHub({ environment: double.environment });
  const open = (await findOpen(github, previews)).map(({ number }) => number);
  expect(previews.filter(({ pullRequest }) => open.includes(pullRequest))).toEqual(
    previews.slice(1),
  );
});
