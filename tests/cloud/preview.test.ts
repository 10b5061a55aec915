import { readFile } from "node:fs/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Mishap } from "../../scripts/local-cloud/faults.ts";
import { connectModern, logIn } from "../support/connect.ts";
import { makeFixtureCheckout } from "../support/fixture-checkout.ts";
import { TestCloud } from "../support/local-cloud.ts";
import { OAuthApp } from "../support/oauth-app.ts";
import { storyTime } from "../support/patience.ts";
import { Person } from "../support/person.ts";
import { PreviewShop } from "../support/preview-shop.ts";
import { runCli } from "../support/run-cli.ts";
import { sample } from "../support/sample.ts";
import type { WorkshopOptions } from "../support/workshop.ts";

// Several deployments each, on a machine that may be busy with other tests.
vi.setConfig({ testTimeout: sample(storyTime, 2 * storyTime) });

type Skip = Parameters<typeof PreviewShop.make>[0];

async function open(skip: Skip, options?: WorkshopOptions): Promise<PreviewShop> {
  const shop = await PreviewShop.make(skip, options);
  onTestFinished(() => shop[Symbol.asyncDispose]());
  return shop;
}

/** What something gives, and how long it took, for the reader: no test hangs on it. */
async function time<Result>(what: string, act: () => Promise<Result>): Promise<Result> {
  const begun = performance.now();
  const result = await act();
  console.log(`${what}: ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  return result;
}

/** What may happen to a call, each in the middle of a run. */
const faults: readonly Mishap[] = [
  { kind: "status", status: 500 },
  { kind: "status", status: 429, retryAfterMs: 10 },
  { kind: "status", status: 409 },
  { kind: "slow", milliseconds: 2000 },
  { kind: "reset", when: "before" },
  { kind: "reset", when: "after" },
  { kind: "truncated" },
  { kind: "stale" },
];

/** Names of what the account holds. */
function listNames(account: Record<string, unknown>): string[] {
  return Object.values(account)
    .flatMap((table) => table as { name?: string; title?: string }[])
    .flatMap(({ name, title }) => name ?? title ?? [])
    .filter((name) => name.includes("pr-"))
    .toSorted();
}

/**
 * Makes the preview of pull request 1 by three runs at once, two of them in one checkout: they leave what one leaves.
 * @returns what one of them printed.
 */
async function runAtOnce(shop: PreviewShop): Promise<string> {
  const { workshop } = shop;
  await using elsewhere = await makeFixtureCheckout();
  const args = ["preview", "up", "--pr", "1", "--ttl", "2d"];
  const endings = await time("three at once", () =>
    Promise.all([
      workshop.run(...args),
      workshop.run(...args),
      runCli(elsewhere.path("scripts/mcp.ts"), args, workshop.environment, elsewhere.path(".")),
    ]),
  );
  for (const { code, stdout, stderr } of endings) expect(code, stdout + stderr).toBe(0);
  expect(endings.map(({ stderr }) => stderr).join("")).toMatch(/Waiting for another run on pr-1/);
  expect(listNames(workshop.listAccount())).toEqual(
    expect.arrayContaining(["remote-mcp-server-pr-1", "remote-mcp-server-pr-1-oauth"]),
  );
  expect(new Set(endings.map(({ stdout }) => shop.origin(stdout))).size).toBe(1);
  expect(await shop.list()).toHaveLength(1);
  // One goes while a push comes from elsewhere: whatever either says, the next run finds its way.
  for (let round = 0; round < sample(0, 6); round += 1) {
    const both = await Promise.all([
      runCli(elsewhere.path("scripts/mcp.ts"), args, workshop.environment, elsewhere.path(".")),
      workshop.run("preview", "down", "--pr", "1"),
    ]);
    for (const { code, stdout, stderr } of both) {
      console.log(`Round ${round}: ${code} ${stderr}`);
      expect(stdout + stderr).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
    }
    await shop.up(1, "--ttl", "2d");
    expect(await shop.list()).toHaveLength(1);
  }
  return endings[0]?.stdout ?? "";
}

test("a preview is made, signed in at, pushed to from a fresh runner, and goes without a trace", async ({
  skip,
}) => {
  // A secret as a runner has it: in a variable.
  const probeSecret = "a-probe-secret-of-thirty-two-characters";
  const shop = await open(skip, { variables: { MCP_PROBE_SECRET: probeSecret } });
  const { checkout } = shop.workshop;
  const before = shop.workshop.listAccount();
  const comment = checkout.path("comment.md");
  const told = ["--owner", "ada", "--output", comment];

  const first = await time("preview up to a passing doctor", () =>
    shop.up(7, ...told, "--commit", "1111111"),
  );
  expect(first).toMatch(/Resources: \d+ made\.[\s\S]* 0 failed/);
  const opened = await readFile(comment, "utf8");
  expect(opened).toMatch(/^<!-- .* -->\n## ✅ Preview pr-7 at `1111111`\n/);
  expect(opened).toMatch(/mcp-remote[\s\S]*First push of this preview[\s\S]*0 failed/);
  const [preview] = await shop.list();
  expect(preview).toMatchObject({ pullRequest: 7, owner: "ada", commit: "1111111" });
  const days = (Date.parse(preview?.expires ?? "") - Date.now()) / 86_400_000;
  expect(days).toBeCloseTo(7, 1);

  const password = await shop.readPassword("pr-7");
  expect(password).toMatch(/^[\w-]{24}$/);
  const origin = shop.origin(first);
  const token = await logIn(origin, new Person("ada@example.com", password), "modern");
  await expect(logIn(origin, new Person("eve@example.com"), "modern")).rejects.toThrow();

  const { records } = shop.workshop.cloud.local.cloud;
  const bindings = JSON.stringify(records.versions.list().map((version) => version.bindings));
  expect(bindings).toMatch(/PROBE_SECRET/);
  expect(await checkout.read("Pulumi.pr-7.yaml")).not.toContain(probeSecret);

  // Another machine: it has the checkout, the backend and the token, and no settings file.
  await shop.freshen(7);
  await checkout.edit("worker/tools/index.ts", "  total,\n", "");
  const second = await time("second push", () =>
    shop.up(7, ...told, "--commit", "2222222", "--json"),
  );
  expect(JSON.parse(second)).toMatchObject({
    commit: "2222222",
    sinceLastPush: {
      commits: { from: "1111111", to: "2222222" },
      toolsAdded: [],
      toolsRemoved: ["total"],
    },
    doctor: { totals: { failed: 0 } },
  });
  const pushed = await readFile(comment, "utf8");
  console.log(pushed);
  expect(pushed).toMatch(/\| Commits \| `1111111` → `2222222` \|/);
  expect(pushed).toMatch(/\| Bundle \| \d+ bytes after gzip, \d+ (less|more) \|/);
  expect(pushed).toContain("| Tools | - `total` |");
  expect(await shop.readPassword("pr-7")).toBe(password);
  // What `preview up` left as outputs, a plain `pulumi up` leaves, too: the password among them.
  const readOutputs = async () =>
    (await shop.workshop.pulumi("stack", "output", "--json", "-s", "pr-7")).stdout;
  const outputs = await readOutputs();
  const plain = await shop.workshop.pulumi("up", "-s", "pr-7", "--yes", "--skip-preview");
  expect([plain.code, plain.stdout]).toEqual([0, expect.not.stringContaining("Undefined value")]);
  expect(await readOutputs()).toBe(outputs);
  expect(await shop.readPassword("pr-7")).toBe(password);
  // A plain `pulumi up` of somebody who works here must not meet the preview.
  const { stdout: stacks } = await shop.workshop.pulumi("stack", "ls", "--json");
  expect(JSON.parse(stacks)).toEqual([expect.objectContaining({ name: "pr-7", current: false })]);
  {
    // Whoever was signed in still is.
    await using client = await connectModern(origin, token);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).not.toContain("total");
  }

  // Somebody deletes the Worker by hand, which the provider does not forgive.
  await shop.workshop.cloud.client.workers.scripts.delete(
    "remote-mcp-server-pr-7",
    shop.workshop.cloud.account,
  );
  await shop.freshen(7);
  expect(await time("preview down", () => shop.down(7))).toContain("pr-7 is removed");
  expect(shop.workshop.listAccount()).toEqual(before);
  expect(await shop.list()).toEqual([]);
  expect(await shop.down(7)).toContain("nothing to do");
  expect((await shop.workshop.pulumi("stack", "ls")).stdout).not.toContain("pr-7");

  const texts = [opened, pushed, shop.workshop.seen].join("\n");
  for (const secret of [password, probeSecret]) expect(texts).not.toContain(secret);
});

test("three runs at once for one pull request leave what one leaves; previews in parallel come, are swept when they are closed or over, and leave the account as it was; a full account refuses one more", async ({
  skip,
}) => {
  const cloud = await TestCloud.start({ plan: "free" });
  onTestFinished(() => cloud[Symbol.asyncDispose]());
  const shop = await open(skip, { cloud });
  const { workshop } = shop;
  const { records, store, storage } = cloud.local.cloud;
  const before = workshop.listAccount();
  const printed = new Map<number, string>([[1, await runAtOnce(shop)]]);

  const numbers = Array.from({ length: sample(3, 20) }, (_, index) => index + 1);
  const waiting = numbers.slice(1);
  await time(`${waiting.length} previews`, () =>
    Promise.all(
      [1, 2, 3].map(async () => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          printed.set(next, await shop.up(next, "--ttl", `${next + 1}d`));
        }
      }),
    ),
  );
  expect((await shop.list()).map(({ pullRequest }) => pullRequest)).toEqual(numbers);

  // The account is full: what others have fills it up.
  const [some] = records.scripts.list();
  if (some === undefined) throw new Error("No preview made a Worker.");
  const others = Array.from({ length: 100 - numbers.length }, (_, index) => `other-${index}`);
  const version = cloud.local.cloud.newestVersion(some);
  if (version === undefined) throw new Error("The Worker has no version.");
  store.change(() => {
    for (const name of others) {
      records.scripts.put({ ...some, name, tag: name });
      records.versions.put({ ...version, id: name, script: name });
    }
  });
  const full = workshop.listAccount();
  const refusal = await shop.fail("up", "--pr", "50");
  expect(refusal).toMatch(/no room[\s\S]*100 Workers of 100 on the free plan[\s\S]*--plan paid/);
  expect(refusal).toMatch(/longest without a push:\n {2}npm run mcp -- preview down --pr 1 /);
  expect(workshop.listAccount()).toEqual(full);
  expect(await shop.list()).toHaveLength(numbers.length);
  store.change(() => {
    for (const script of records.scripts.list()) {
      if (others.includes(script.name)) records.scripts.delete(script);
    }
    for (const each of records.versions.list()) {
      if (others.includes(each.script)) records.versions.delete(each);
    }
  });

  // A stack of somebody's that is called like a preview, and one preview whose time is over.
  await workshop.pulumi("stack", "init", "pr-99");
  await workshop.pulumi(
    "stack",
    "tag",
    "set",
    "preview:expires",
    "2026-01-01T00:00:00Z",
    "-s",
    "pr-2",
  );
  // A grant that opens nothing: its client is gone.
  const app = await OAuthApp.register(shop.origin(printed.get(1) ?? ""));
  await app.logIn(new Person("ada@example.com", await shop.readPassword("pr-1")));
  const { id = "" } =
    records.namespaces.list().find(({ title }) => title.endsWith("pr-1-oauth")) ?? {};
  await storage.deleteValues(id, [`client:${app.clientId}`]);
  const countKeys = async () =>
    (await storage.listKeys(id, { prefix: "", limit: 1000 })).keys.length;
  const keys = await countKeys();

  const living = numbers.filter((number) => number !== 3);
  const dry = await shop.succeed("sweep", "--open", living.join(","));
  expect(dry).toMatch(/pr-99 has no preview tag: left alone/);
  expect(dry).toMatch(/pr-2: would be removed, it is expired/);
  expect(dry).toMatch(/pr-3: would be removed, its pull request is closed/);
  expect(dry).toMatch(/pr-1: stays[\s\S]*Dry run: nothing was changed/);
  expect(await countKeys()).toBe(keys);
  expect(await shop.list()).toHaveLength(numbers.length);

  // One that fails does not stop the others.
  workshop.breakCall(
    "DELETE",
    "/scripts/remote-mcp-server-pr-2",
    { kind: "status", status: 500 },
    { count: 20 },
  );
  const broken = await shop.fail("sweep", "--open", living.join(","), "--yes");
  expect(broken).toMatch(/pr-3: removed/);
  expect(broken).toMatch(/pr-1: stays.*[23] expired records purged/);
  expect(broken).toMatch(/run this again:\n {2}pr-2: [\s\S]*Left of pr-2: .*preview down --pr 2/);
  expect(await countKeys()).toBeLessThan(keys);
  cloud.local.cloud.faults.clear();
  expect(await shop.succeed("sweep", "--open", "none", "--yes")).toMatch(/pr-1: removed/);
  expect(await shop.list()).toEqual([]);
  expect(workshop.listAccount()).toEqual(before);
  console.log(`The account after ${numbers.length} previews:`, listNames(workshop.listAccount()));

  // Nothing has touched the other stack, by its number either, as long as somebody has marked it as theirs.
  await workshop.pulumi("stack", "tag", "set", "preview:pr", "of-ada", "-s", "pr-99");
  expect(await shop.fail("down", "--pr", "99")).toMatch(/pr-99 is not a preview.*left alone/);
  expect((await workshop.pulumi("stack", "ls")).stdout).toContain("pr-99");
  // Empty and without the tag it is what a first `up` leaves that was killed at once.
  await workshop.pulumi("stack", "tag", "rm", "preview:pr", "-s", "pr-99");
  expect(await shop.down(99)).toContain("pr-99 is removed");
  expect((await workshop.pulumi("stack", "ls")).stdout).not.toContain("pr-99");
});

test("whatever ends up or down midway, the next run finishes it, and nothing is orphaned", async ({
  skip,
}) => {
  const shop = await open(skip);
  const { workshop } = shop;
  const before = workshop.listAccount();
  const up = ["up", "--pr", "7"];
  const down = ["down", "--pr", "7"];

  // The account cannot be looked at.
  workshop.breakCall("GET", "/workers/scripts", { kind: "status", status: 500 }, { count: 9 });
  expect(await shop.fail(...up)).toMatch(/Cloudflare's API answered 500/);
  workshop.cloud.local.cloud.faults.clear();

  // The answer to a creation is lost: the account has a namespace that the stack does not know.
  workshop.breakCall(
    "POST",
    "/storage/kv/namespaces",
    { kind: "reset", when: "after" },
    { count: 9 },
  );
  const lost = await shop.fail(...up);
  expect(lost).toMatch(/Run this again to finish it, or remove it: .*preview down --pr 7/);
  workshop.cloud.local.cloud.faults.clear();
  expect(listNames(workshop.listAccount())).toContain("remote-mcp-server-pr-7-oauth");
  const listed = await shop.list();
  expect(listed).toHaveLength(1);
  await shop.down(7);
  expect(workshop.listAccount()).toEqual(before);

  // A runner dies while the Worker is uploaded: no run has written down that it is there.
  await shop.kill(await shop.startUntil(up, "PUT", "/scripts/remote-mcp-server-pr-7"));
  await vi.waitFor(
    () => expect(listNames(workshop.listAccount())).toContain("remote-mcp-server-pr-7"),
    10_000,
  );
  await shop.freshen(7);
  const said = await workshop.run("preview", ...down);
  expect(said.code, said.stderr).toBe(0);
  expect(said.stderr).toMatch(
    /Removed the Worker remote-mcp-server-pr-7, which an interrupted run/,
  );
  expect(workshop.listAccount()).toEqual(before);

  // Ctrl-C during the upload, then the same command again.
  const interrupted = await shop.startUntil(up, "PUT", "/scripts/remote-mcp-server-pr-7");
  interrupted.signal("SIGINT");
  const { code, stderr } = await interrupted.end();
  expect(code, stderr).toBe(1);
  expect(stderr).toMatch(
    /Interrupted while trying to deploy pr-7[\s\S]*run the same command again/,
  );
  await shop.up(7);

  // The runner dies while it removes. It was another machine, more than half an hour ago.
  await shop.kill(await shop.startUntil(down, "DELETE", "/scripts/remote-mcp-server-pr-7"));
  const old = { hostname: "a-runner", timestamp: new Date(Date.now() - 31 * 60_000) };
  expect(await shop.changeLocks(7, old)).toBe(1);
  await shop.down(7);
  expect(workshop.listAccount()).toEqual(before);

  for (const [index, fault] of faults.slice(0, sample(0, faults.length)).entries()) {
    const again = async (
      args: readonly string[],
      method: "POST" | "PUT" | "DELETE",
      path: string,
    ) => {
      workshop.breakCall(method, path, fault, { count: 1 + (index % 2) * 8 });
      await workshop.run("preview", ...args);
      workshop.cloud.local.cloud.faults.clear();
      await shop.succeed(...args);
    };
    for (const [method, path] of [
      ["POST", "/storage/kv/namespaces"],
      ["PUT", "/workers/scripts/"],
    ] as const) {
      await again(up, method, path);
      await again(down, "DELETE", path);
      expect(workshop.listAccount(), JSON.stringify(fault)).toEqual(before);
    }
  }
});

test("a call without a number, with a wrong one, or for a template that fits no preview is refused", async ({
  skip,
}) => {
  const shop = await open(skip);
  const { checkout } = shop.workshop;
  expect(await shop.fail("up", "--pr=../x")).toContain("not the number of a pull request");
  expect(await shop.fail("down")).toContain("--pr");
  expect(await shop.fail("sweep", "--open", "", "--yes")).toContain("It is empty");
  await checkout.edit("Pulumi.preview.yaml", "environment: preview", "environment: production");
  expect(await shop.fail("up", "--pr", "7")).toMatch(/environment must be "preview"/);
});
