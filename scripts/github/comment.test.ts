import { expect, test } from "vitest";
import { GitHubDouble } from "../../tests/support/github.ts";
import { GitHub } from "./client.ts";
import { putComment as put } from "./comment.ts";

/** A client that does not wait between its attempts, and with another token if one is given. */
function connect(double: GitHubDouble, token?: string): GitHub {
  const environment = {
    ...double.environment,
    ...(token !== undefined && { GITHUB_TOKEN: token }),
  };
  return new GitHub({ environment, pause: () => Promise.resolve() });
}

const marker = "<!-- a marker -->";

/** Says something under the marker. */
function putComment(github: GitHub, pullRequest: number, markdown: string, options?: object) {
  return put(github, pullRequest, { marker, markdown }, options);
}

const bot = "github-actions[bot]";

test("the first word makes a comment, and later ones edit it", async () => {
  await using double = await GitHubDouble.start();
  double.open(12);
  const github = connect(double);
  const first = await putComment(github, 12, "It is up.");
  double.add(12, "ada", "Nice!");
  expect(await putComment(github, 12, "It is up again.")).toEqual(first);
  expect(double.comments).toMatchObject([
    { login: bot, body: `${marker}\nIt is up again.` },
    { login: "ada", body: "Nice!" },
  ]);
  expect(first?.url).toMatch(/\/pull\/12#issuecomment-\d+$/);
});

test("comments of others are not touched, though they begin with the same marker", async () => {
  await using double = await GitHubDouble.start();
  double.open(12);
  const foreign = [
    double.add(12, "another-app[bot]", `${marker}\nof another bot`),
    double.add(12, "ada", `${marker}\ncopied by a person`),
    double.add(12, bot, `Somebody asks what ${marker} is.`),
    double.add(13, bot, `${marker}\non another pull request`),
  ].map((comment) => ({ ...comment }));
  await putComment(connect(double), 12, "one");
  await putComment(connect(double), 12, "two");
  expect(double.comments.slice(0, 4)).toEqual(foreign);
  expect(double.comments.slice(4)).toMatchObject([{ login: bot, body: `${marker}\ntwo` }]);
});

test("ours is found among hundreds of comments", async () => {
  await using double = await GitHubDouble.start();
  double.open(12);
  for (let count = 0; count < 250; count += 1) double.add(12, "ada", `${count}`);
  await putComment(connect(double), 12, "one");
  await putComment(connect(double), 12, "two");
  expect(double.comments.slice(250)).toMatchObject([{ body: `${marker}\ntwo` }]);
});

test("runs that find no comment at the same moment end with one", async () => {
  await using double = await GitHubDouble.start();
  double.open(12);
  double.holdLists(3);
  const texts = ["one", "two", "three"];
  await Promise.all(texts.map((text) => putComment(connect(double), 12, text)));
  expect(double.calls.filter((call) => call.startsWith("POST"))).toHaveLength(3);
  expect(double.comments).toHaveLength(1);
  expect(texts.map((text) => `${marker}\n${text}`)).toContain(double.comments[0]?.body);
});

test("a comment that is made though the answer is lost is not made twice", async () => {
  for (const status of [0, 502]) {
    await using double = await GitHubDouble.start();
    double.open(12);
    double.faults.push({ method: "POST", path: /comments/, status, after: true });
    await putComment(connect(double), 12, "one");
    expect(double.comments).toMatchObject([{ body: `${marker}\none` }]);
  }
});

test("a comment that was not made is made at the next attempt", async () => {
  for (const status of [0, 500]) {
    await using double = await GitHubDouble.start();
    double.open(12);
    double.faults.push({ method: "POST", path: /comments/, status });
    await putComment(connect(double), 12, "one");
    expect(double.comments).toMatchObject([{ body: `${marker}\none` }]);
  }
});

test("a comment that somebody deletes meanwhile is made again", async () => {
  await using double = await GitHubDouble.start();
  double.open(12);
  await putComment(connect(double), 12, "one");
  double.onCall = (call) => {
    if (call.startsWith("PATCH")) double.comments.length = 0;
  };
  await putComment(connect(double), 12, "two");
  expect(double.comments).toMatchObject([{ body: `${marker}\ntwo` }]);
});

test("a list that goes on to show a deleted comment is not followed in circles", async () => {
  await using double = await GitHubDouble.start();
  double.open(12);
  const deleted = double.add(12, bot, `${marker}\nzero`);
  double.faults.push({
    method: "PATCH",
    path: new RegExp(`/${deleted.id}$`),
    status: 404,
    count: 99,
  });
  await putComment(connect(double), 12, "one");
  expect(double.calls.filter((call) => call.startsWith("PATCH"))).toHaveLength(1);
  expect(double.comments.slice(1)).toMatchObject([{ body: `${marker}\none` }]);
});

test("the tokens of a person and of another app each keep a comment of their own", async () => {
  await using double = await GitHubDouble.start();
  double.open(12);
  for (const token of ["token-of-ada", "token-of-another-app"]) {
    await putComment(connect(double, token), 12, "one");
    await putComment(connect(double, token), 12, "two");
  }
  expect(double.comments).toMatchObject([
    { login: "ada", body: `${marker}\ntwo` },
    { login: "another-app[bot]", body: `${marker}\ntwo` },
  ]);
});

test("where there is none, none is made only to say that the preview is gone", async () => {
  await using double = await GitHubDouble.start();
  double.open(12);
  expect(await putComment(connect(double), 12, "gone", { makes: false })).toBeUndefined();
  expect(double.comments).toEqual([]);
});

test("a text that is longer than GitHub takes is cut, outside of its block", async () => {
  await using double = await GitHubDouble.start();
  double.open(12);
  await putComment(connect(double), 12, `\`\`\`\n${"a line of it\n".repeat(6000)}\`\`\`\n`);
  const [comment] = double.comments;
  expect(comment?.body).toMatch(/a line of it\n```\n\nCut here: .*\n$/);
  expect(comment?.body.length).toBeLessThan(65_536);
});
