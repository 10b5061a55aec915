import { expect, test } from "vitest";
import { plans } from "../../local-cloud/billing-plan.ts";
import { refuseStranger } from "./own-stack.ts";
import { composeSettings } from "./preview-settings.ts";
import { pickStack } from "./previews.ts";
import { fromStackName, parseOpen, parsePullRequest, toStackName } from "./pull-request.ts";
import { explainFull, hasRoom } from "./room.ts";
import { explainNewLife, partByRepository, planSweep } from "./sweep.ts";
import { findMissingTags, type Preview, parseLifetime, readPreview } from "./tags.ts";

const now = new Date("2026-11-25T12:00:00Z");
const preview = (pullRequest: number, expires?: string): Preview => ({
  pullRequest,
  stack: toStackName(pullRequest),
  ...(expires !== undefined && { expires: new Date(expires) }),
});

test("only a whole number from 1 on is a pull request, and only its own name is its stack", () => {
  expect(parsePullRequest("12")).toBe(12);
  for (const wrong of ["", "0", "07", "-1", "1.5", "1e3", "12 ", "seven", "../x", "9999999999"]) {
    expect(() => parsePullRequest(wrong), wrong).toThrowError("not the number of a pull request");
  }
  expect(fromStackName(toStackName(12))).toBe(12);
  expect(fromStackName("acme/pr-12")).toBe(12);
  for (const other of ["pr-", "pr-0", "pr-07", "pr-12a", "xpr-12", "prod"]) {
    expect(fromStackName(other), other).toBeUndefined();
  }
  expect(parseOpen("1, 2")).toEqual([{ number: 1 }, { number: 2 }]);
  expect(parseOpen("none")).toEqual([]);
  for (const wrong of ["", " ", "1,", "1,x"]) expect(() => parseOpen(wrong), wrong).toThrowError();
});

test("a pull request's stack is found in another organization, and none is guessed among several", () => {
  expect(pickStack(["dev", "pr-12"], 13)).toBeUndefined();
  expect(pickStack(["acme/pr-12", "pr-12"], 12)).toBe("pr-12");
  expect(pickStack(["acme/dev", "acme/pr-12"], 12)).toBe("acme/pr-12");
  expect(() => pickStack(["acme/pr-12", "eve/pr-12"], 12)).toThrowError(/acme\/pr-12, eve\/pr-12/);
});

test("a lifetime is hours, days or weeks, up to ninety days", () => {
  expect(parseLifetime("36h")).toBe(36 * 3_600_000);
  expect(parseLifetime("7d")).toBe(parseLifetime("1w"));
  for (const wrong of ["", "7", "0d", "-1d", "91d", "13w", "7 d", "soon", "1.5d"]) {
    expect(() => parseLifetime(wrong), wrong).toThrowError("is not a lifetime");
  }
});

test("a stack is a preview only with the tag that fits its name", () => {
  const tags = { "preview:pr": "12", "preview:owner": "ada", "preview:expires": "tomorrow" };
  expect(readPreview("pr-12", tags)).toEqual({ pullRequest: 12, stack: "pr-12", owner: "ada" });
  expect(readPreview("pr-13", tags)).toBeUndefined();
  expect(readPreview("prod", tags)).toBeUndefined();
  expect(readPreview("pr-12", {})).toBeUndefined();
});

test("a preview of another repository is refused and swept by nobody else; one whose repository is not known is", () => {
  const tags = { "preview:pr": "12", "preview:repository": "acme/example" };
  const refuse = (own: string | undefined) =>
    refuseStranger("pr-12", 12, { tags, resources: [], own });
  expect(() => refuse("eve/example")).toThrowError(
    /pr-12 is a preview of acme\/example, and this runs for eve\/example/,
  );
  expect(() => refuse("Acme/Example")).not.toThrow();
  expect(() => refuse(undefined)).not.toThrow();
  const foreign = readPreview("pr-12", tags);
  if (foreign === undefined) throw new Error("It is a preview.");
  const all = [foreign, preview(13)];
  expect(partByRepository(all, "eve/example")).toEqual({ ours: [all[1]], others: [foreign] });
  expect(partByRepository(all, "acme/example")).toEqual({ ours: all, others: [] });
  expect(partByRepository(all, undefined)).toEqual({ ours: all, others: [] });
});

test("tags that are there are not set again, and an expiry never moves back", () => {
  const soon = { "preview:pr": "12", "preview:expires": "2026-11-26T00:00:00.000Z" };
  const later = { ...soon, "preview:expires": "2026-11-27T00:00:00.000Z" };
  expect(findMissingTags(soon, {})).toEqual(soon);
  expect(findMissingTags(soon, later)).toEqual({});
  expect(findMissingTags(later, soon)).toEqual({ "preview:expires": later["preview:expires"] });
  expect(findMissingTags(soon, { ...soon, "preview:expires": "?" })).not.toEqual({});
});

test("a sweep ends what is closed or over; an expiry that cannot be read ends nothing", () => {
  const all = [
    preview(1, "2026-11-25T12:00:00Z"),
    preview(2, "2026-11-25T12:00:01Z"),
    preview(3),
    preview(4, "2026-12-01T00:00:00Z"),
  ];
  const numbers = (open?: readonly number[]) => {
    const { ending, living } = planSweep(
      all,
      open?.map((number) => ({ number })),
      now,
    );
    return [
      ending.map((each) => `${each.preview.pullRequest} ${each.reason}`),
      living.map(({ pullRequest }) => pullRequest),
    ];
  };
  expect(numbers()).toEqual([["1 expired"], [2, 3, 4]]);
  expect(numbers([1, 2, 3])).toEqual([
    ["1 expired", "4 closed"],
    [2, 3],
  ]);
  expect(numbers([])).toEqual([["1 closed", "2 closed", "3 closed", "4 closed"], []]);
});

test("what was pushed to or opened again since a sweep was planned stays", () => {
  const planned = { ...preview(1, "2026-11-25T12:00:00Z"), commit: "1111111" };
  const closed = { preview: planned, reason: "closed" } as const;
  const expired = { preview: planned, reason: "expired" } as const;
  const pushed = { ...planned, expires: new Date("2026-12-02T12:00:00Z") };
  for (const ending of [closed, expired]) {
    expect(explainNewLife(ending, pushed, undefined)).toMatch(/pushed to it/);
    expect(explainNewLife(ending, { ...planned, commit: "2222222" }, false)).toMatch(/pushed/);
    expect(explainNewLife(ending, { ...planned }, undefined)).toBeUndefined();
  }
  expect(explainNewLife(closed, planned, true)).toMatch(/open again/);
  expect(explainNewLife(closed, planned, false)).toBeUndefined();
});

test("an account is full where its plan says so; one with more than the free plan has the paid one", () => {
  const counts = { workers: 99, kvNamespaces: 99 };
  expect(hasRoom(counts, undefined)).toBe(true);
  expect(hasRoom({ ...counts, workers: 100 }, undefined)).toBe(false);
  expect(hasRoom({ ...counts, workers: 100 }, "paid")).toBe(true);
  expect(hasRoom({ ...counts, workers: 101 }, undefined)).toBe(true);
  for (const plan of ["free", "paid"] as const) {
    const { workers, kvNamespaces } = plans[plan];
    expect(hasRoom({ workers: workers - 1, kvNamespaces: kvNamespaces - 1 }, plan)).toBe(true);
    expect(hasRoom({ workers, kvNamespaces: 0 }, plan)).toBe(false);
    expect(hasRoom({ workers: 0, kvNamespaces }, plan)).toBe(false);
  }
  const text = explainFull({ ...counts, workers: 100 }, undefined, [
    preview(7, "2026-11-26T00:00:00Z"),
  ]);
  expect(text).toMatch(/100 Workers of 100 on the free plan\. Nothing was made\.\n.*--plan paid/);
  expect(text).toContain("npm run mcp -- preview down --pr 7   (expires 2026-11-26)");
  expect(explainFull({ ...counts, workers: 500 }, "paid", [])).toContain("None of it is a preview");
});

const template = `# For all.
config:
  shop:environment: preview
  shop:serverTitle: Shop # of somebody
`;

test("a preview's settings are the template's, and what decrypts its secrets stays with them", () => {
  const first = composeSettings("shop", template);
  expect(first).toMatch(/Made of Pulumi\.preview\.yaml[\s\S]*shop:serverTitle: Shop # of somebody/);
  const used = `${first}encryptionsalt: v1:abc\n`.replace(
    "config:\n",
    "config:\n  shop:apiKey:\n    secure: v1:def\n  shop:gone: x\n",
  );
  const again = composeSettings("shop", template, used);
  expect(again).toMatch(/encryptionsalt: v1:abc/);
  expect(again).toMatch(/shop:apiKey:\n {4}secure: v1:def/);
  expect(again).not.toContain("shop:gone");
  expect(composeSettings("shop", template, again)).toBe(again);
});

test("secrets within an object stay with a preview, and so do those of a file without a template's key", () => {
  const own = "config:\n  api:\n    key:\n      secure: v1:abc\n    url: u\n";
  expect(composeSettings("shop", template, own)).toMatch(
    /shop:api:\n {4}key:\n {6}secure: v1:abc\n {4}url: u/,
  );
  expect(composeSettings("shop", template, "# nothing\n")).toBe(composeSettings("shop", template));
});

test("a template that fits no preview is refused with the setting's name", () => {
  const wrong: Record<string, RegExp> = {
    "": /is empty/,
    "a: [": /is not YAML/,
    "other: 1\n": /has no "config"/,
    "config:\n  shop:environment: production\n": /environment must be "preview"/,
    [`${template}  shop:scriptName: shop\n`]:
      /shop:scriptName: each preview has a Worker of its own/,
    [`${template}  publicUrl: https://a.example\n`]: /shop:publicUrl: each preview has an address/,
    [`${template}  keys:\n    - secure: v1:abc\n`]: /keys is encrypted/,
    [`${template}  shop:kvNamespaceId: abc\n`]: /never another stack's/,
    [`${template}  shop:apiKey:\n    secure: v1:abc\n`]: /shop:apiKey is encrypted .* MCP_API_KEY/,
  };
  for (const [text, message] of Object.entries(wrong)) {
    expect(() => composeSettings("shop", text), text).toThrowError(message);
  }
});
