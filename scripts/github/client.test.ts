import { expect, test } from "vitest";
import { GitHubDouble, type GitHubFault } from "../../tests/support/github.ts";
import { UserError } from "../errors.ts";
import { GitHub } from "./client.ts";
import { putComment } from "./comment.ts";
import { isOpenPullRequest, listOpenPullRequests } from "./pull-requests.ts";

/** A client that notes its pauses in place of waiting. */
function connect(double: GitHubDouble, variables: Readonly<Record<string, string>> = {}) {
  const pauses: number[] = [];
  const github = new GitHub({
    environment: { ...double.environment, ...variables },
    pause: async (milliseconds) => void pauses.push(milliseconds),
  });
  return { github, pauses };
}

/** What the person reads. @throws where it does not fail, or not in words. */
async function readFailure(act: () => unknown): Promise<string> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    expect(error.message).not.toContain("token-of");
    return error.message;
  }
  throw new Error("It did not fail.");
}

test("all open pull requests are listed, over all pages", async () => {
  await using double = await GitHubDouble.start();
  for (let number = 1; number <= 230; number += 1) double.open(number);
  double.pullRequests.set(7, "closed");
  const open = await listOpenPullRequests(connect(double).github);
  expect(open).toHaveLength(229);
  expect(open).not.toContain(7);
  expect(double.calls).toHaveLength(3);
});

test("one that a list has missed between two pages is open when it is asked for", async () => {
  await using double = await GitHubDouble.start();
  for (let number = 1; number <= 150; number += 1) double.open(number);
  double.onCall = (call) => {
    if (call.endsWith("page=2")) double.pullRequests.set(1, "closed");
  };
  const { github } = connect(double);
  // The first one of the second page has moved to the first.
  expect(await listOpenPullRequests(github)).not.toContain(101);
  expect(await isOpenPullRequest(github, 101)).toBe(true);
  expect(await isOpenPullRequest(github, 1)).toBe(false);
  expect(await isOpenPullRequest(github, 999)).toBe(false);
});

test("each refusal says in words what is wrong and what to do", async () => {
  const cases: readonly (readonly [Omit<GitHubFault, "method" | "path">, RegExp])[] = [
    [
      { status: 401, message: "Bad credentials" },
      /\(401: Bad credentials\)\. GITHUB_TOKEN is wrong/,
    ],
    [{ status: 403, message: "Resource not accessible by integration" }, /pull-requests: write/],
    [{ status: 404, message: "Not Found" }, /no such pull request in ada\/example/],
    [{ status: 410, message: "Gone" }, /deleted/],
    [{ status: 422, message: "Validation Failed" }, /\(422: Validation Failed\).*locked/],
    [{ status: 418, message: "I'm a teapot" }, /GITHUB_API_URL/],
    [{ status: 503, message: "unavailable" }, /failure at GitHub. Run this again later/],
    [{ status: 403, message: "Bad: token-of-the-workflow" }, /Bad: \*\*\*/],
    [{ status: 0 }, /did not answer when asked to list the open pull requests: .+ Tried 4 times/],
  ];
  for (const [fault, words] of cases) {
    await using double = await GitHubDouble.start();
    double.faults.push({ method: "GET", path: /pulls/, count: 9, ...fault });
    const { github } = connect(double);
    expect(await readFailure(() => listOpenPullRequests(github))).toMatch(words);
  }
});

test("a failure that passes is not noticed", async () => {
  await using double = await GitHubDouble.start();
  double.open(1);
  double.faults.push({ method: "GET", path: /pulls/, status: 502 });
  double.faults.push({ method: "GET", path: /pulls/, status: 0 });
  const { github, pauses } = connect(double);
  expect(await listOpenPullRequests(github)).toEqual([1]);
  expect(pauses).toHaveLength(2);
});

test("a short rate limit is waited for, a long one is not, and neither is taken for a missing permission", async () => {
  await using double = await GitHubDouble.start();
  double.open(1);
  const { github, pauses } = connect(double);
  const limit = { method: "GET", path: /pulls/ };
  double.faults.push({ ...limit, status: 429, headers: { "retry-after": "7" } });
  double.faults.push({ ...limit, status: 403, message: "You exceeded a secondary rate limit" });
  expect(await listOpenPullRequests(github)).toEqual([1]);
  expect(pauses).toEqual([7000, 60_000]);

  const reset = String(Math.ceil(Date.now() / 1000) + 1490);
  const headers = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset };
  double.faults.push({ ...limit, status: 403, message: "API rate limit exceeded", headers });
  expect(await readFailure(() => listOpenPullRequests(github))).toMatch(
    /too many calls with this token\. Run this again in 25 min/,
  );
  // Whose token it is may be asked for again, too.
  double.faults.push({ method: "GET", path: /user/, status: 403, headers });
  expect(
    await readFailure(() => putComment(github, 1, { marker: "<!-- a -->", markdown: "up" })),
  ).toContain("too many calls");
});

test("variables that are missing or wrong are named", async () => {
  await using double = await GitHubDouble.start();
  const cases: readonly (readonly [Record<string, string>, RegExp])[] = [
    [{ GITHUB_REPOSITORY: "" }, /^GITHUB_REPOSITORY: it is not set/],
    [{ GITHUB_REPOSITORY: "example" }, /^GITHUB_REPOSITORY: "example" is not a repository/],
    [{ GITHUB_REPOSITORY: "a/../x?" }, /^GITHUB_REPOSITORY/],
    [{ GITHUB_TOKEN: "" }, /^GITHUB_TOKEN: it is not set.*github\.token/],
    [{ GITHUB_TOKEN: "token-of\nada" }, /^GITHUB_TOKEN: it has characters/],
    [{ GITHUB_API_URL: "http://api.example.com" }, /^GITHUB_API_URL: it must be an https/],
    [{ GITHUB_API_URL: "https://token-of-ada@api.github.com" }, /^GITHUB_API_URL/],
    [{ GITHUB_API_URL: "api.github.com" }, /^GITHUB_API_URL/],
  ];
  for (const [variables, words] of cases) {
    expect(await readFailure(() => connect(double, variables))).toMatch(words);
  }
});
