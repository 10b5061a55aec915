import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeUpstream } from "../../scripts/ownership/upstream.ts";
import { Repository } from "./repository.ts";
import { runUpgrade } from "./run.ts";
import { change, lines, smallUpstream } from "./small.ts";

/** Upstream with its release 1.0.0, and a server cloned from it that has one tool of its own. */
async function begin() {
  const stack = new AsyncDisposableStack();
  const upstream = stack.use(await Repository.of(smallUpstream));
  await upstream.git("tag", "v1.0.0");
  const server = stack.use(await Repository.clone(upstream));
  const start = await server.git("rev-parse", "HEAD");
  await writeUpstream(server.path, { from: upstream.path, version: "1.0.0", commit: start });
  await server.commit("Make it mine", {
    "tools/sample.ts": undefined,
    "tools/orders.ts": "export const orders = 1;\n",
    "tools/index.ts": 'export { orders } from "./orders.ts";\n',
    "README.md": "# Orders\n",
  });
  return { upstream, server, start, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Commits a release of upstream's. */
async function release(
  upstream: Repository,
  version: string,
  files: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const manifest = JSON.parse(await upstream.read("package.json"));
  const text = `${JSON.stringify({ ...manifest, version }, undefined, 2)}\n`;
  const commit = await upstream.commit(`Release ${version}`, { "package.json": text, ...files });
  await upstream.git("tag", `v${version}`);
  return commit;
}

test("a change in a file of ours is merged and told, one in the same place is left between markers", async () => {
  await using story = await begin();
  const { upstream, server } = story;
  const page = lines("page", 30);
  await server.commit("Change ours", {
    "index.ts": change(lines("index", 30), { 2: "mine" }),
    "docs/page.md": change(page, { 5: "mine" }),
    "other.ts": change(lines("other", 30), { 1: "mine" }),
  });
  await release(upstream, "1.1.0", {
    "index.ts": change(lines("index", 30), { 28: "upstream's" }),
  });

  const merged = await runUpgrade(server);
  expect(merged.code).toBe(0);
  expect(await server.read("index.ts")).toBe(
    change(lines("index", 30), { 2: "mine", 28: "upstream's" }),
  );
  expect(merged.text).toContain("index.ts: merged with upstream's change");
  expect(merged.text).toContain("other.ts: kept, upstream has not changed it");
  expect(merged.npm.slice(1)).toEqual(["ci", "run docs", "run test:mine"]);
  const [before, target] = (await server.git("show", "-s", "--format=%P")).split(" ");
  expect(merged.text).toContain(`git reset --hard ${before} && npm ci`);
  expect(target).toBe(await upstream.git("rev-parse", "HEAD"));
  expect(await server.git("status", "--porcelain")).toBe("");

  await release(upstream, "1.2.0", { "docs/page.md": change(page, { 5: "upstream's" }) });
  const state = await server.tellState();
  const tried = await runUpgrade(server, { dryRun: true });
  expect(tried).toMatchObject({ code: 1, npm: [] });
  expect(await server.tellState()).toBe(state);

  const conflict = await runUpgrade(server);
  expect(conflict.code).toBe(1);
  expect(conflict.text).toContain("docs/page.md: in conflict with upstream's change");
  expect(conflict.npm).toHaveLength(1);
  const text = await server.read("docs/page.md");
  expect(text).toMatch(/<{7} \S*yours\nmine\n={7}\nupstream's\n>{7} \S*upstream\n/);
  expect(await server.git("diff", "--name-only", "--diff-filter=U")).toBe("docs/page.md");
  // What the message names does take all of it back.
  await server.git("merge", "--abort");
  expect(await server.tellState()).toBe(state);

  await runUpgrade(server);
  await server.commit("Choose", { "docs/page.md": change(page, { 5: "both" }) });
  expect((await server.git("show", "-s", "--format=%P")).split(" ")).toHaveLength(2);
  expect((await runUpgrade(server)).text).toMatch(/has everything of 1\.2\.0 .* already/);
});

test("a file of ours that one side deleted and the other changed is a conflict", async () => {
  await using story = await begin();
  const { upstream, server } = story;
  await server.commit("Change ours", { "docs/page.md": undefined, "index.ts": lines("mine", 30) });
  await release(upstream, "1.1.0", {
    "docs/page.md": lines("upstream's", 30),
    "index.ts": undefined,
  });
  const { code, text } = await runUpgrade(server);
  expect(code).toBe(1);
  const unmerged = await server.git("diff", "--name-only", "--diff-filter=U");
  expect(unmerged.split("\n")).toEqual(["docs/page.md", "index.ts"]);
  for (const path of ["docs/page.md", "index.ts"]) expect(text).toContain(`${path}: in conflict`);
});

test("what is theirs stays: changed, deleted or added by upstream, and a change follows a renamed file of ours", async () => {
  await using story = await begin();
  const { upstream, server } = story;
  await server.commit("Change ours", { "other.ts": change(lines("other", 30), { 3: "mine" }) });
  await release(upstream, "1.1.0", {
    "tools/sample.ts": "export const sample = 2;\n",
    "tools/another.ts": "export const another = 1;\n",
    "README.md": "# Server, better\n",
    "other.ts": undefined,
    "lib/renamed.ts": change(lines("other", 30), { 20: "upstream's" }),
  });
  const { code, text } = await runUpgrade(server);
  expect(code).toBe(0);
  const files = await server.list();
  expect([...files.keys()].filter((path) => path.startsWith("tools/"))).toEqual([
    "tools/index.ts",
    "tools/orders.ts",
  ]);
  expect(await server.read("README.md")).toBe("# Orders\n");
  expect(text).toMatch(/stay as you have them\n {2}README\.md\n/);
  expect(files.has("other.ts")).toBe(false);
  const renamed = change(lines("other", 30), { 3: "mine", 20: "upstream's" });
  expect(await server.read("lib/renamed.ts")).toBe(renamed);
});

test("news are told with security first, and what has to be done is read from both trees", async () => {
  await using story = await begin();
  const { upstream, server } = story;
  await server.commit("Production", { "Pulumi.prod.yaml": "config:\n  orders:old: b\n" });
  await release(upstream, "1.1.0", {
    "CHANGELOG.md":
      "# Changelog\n\n## [1.1.0] - 2026-12-24\n\n### Added\n\n- A view,\n  in two lines.\n\n### Security\n\n- A hole is closed.\n\n## [1.0.0] - 2026-11-30\n\n### Added\n\n- Everything.\n",
    "Pulumi.yaml":
      "name: server\ndescription: A server\nmain: index.ts\nconfig:\n  new:\n    default: a\n",
    "worker/durable-objects.ts":
      'export const durableObjectHistory: readonly Step[] = [\n  { tag: "v1", create: ["A"] },\n  { tag: "v2", rename: [{ from: "A", to: "B" }] },\n];\n',
  });
  const { code, text } = await runUpgrade(server, { dryRun: true });
  expect(code).toBe(0);
  expect(text).toMatch(/From 1\.0\.0 \(\w{7}\) to 1\.1\.0 \(\w{7}\): 1 commit of upstream\./);
  expect(text).toMatch(
    /Security\n {2}- A hole is closed\. \(1\.1\.0\)\n\n1\.1\.0 - 2026-12-24\n {2}Added\n {2}- A view, in two lines\.\n/,
  );
  expect(text).not.toContain("Everything.");
  expect(text).toContain("The setting old is gone: take it out of Pulumi.prod.yaml.");
  expect(text).toMatch(/Durable Object step v2 \(rename: from: A to: B\): .* cannot be taken back/);
});

test("names and description are theirs, a package of theirs stays between two that upstream bumps", async () => {
  await using story = await begin();
  const { upstream, server } = story;
  const mine = JSON.parse(await server.read("package.json"));
  const dependencies = { hono: "1.0.0", orders: "3.0.0", yaml: "1.0.0", zod: "1.0.5" };
  await server.commit("Own names", {
    "package.json": JSON.stringify({ ...mine, name: "orders", version: "7.0.0", dependencies }),
    "Pulumi.yaml": (await server.read("Pulumi.yaml")).replace(/^name.*|^description.*/gm, (line) =>
      line.startsWith("name") ? "name: orders # ours" : "description: >-\n  All\n  orders",
    ),
  });
  await release(upstream, "1.1.0", {
    "Pulumi.yaml": "name: renamed\ndescription: Renamed\nmain: start.ts\nconfig: {}\n",
    "package.json": JSON.stringify({
      name: "renamed",
      version: "1.1.0",
      scripts: { "test:mine": "vitest" },
      dependencies: { hono: "1.1.0", yaml: "1.2.0", zod: "1.1.0" },
    }),
  });
  const { code, text } = await runUpgrade(server);
  expect(code).toBe(0);
  const after = JSON.parse(await server.read("package.json"));
  expect(after).toEqual({
    name: "orders",
    version: "7.0.0",
    scripts: { "test:mine": "vitest" },
    dependencies: { hono: "1.1.0", orders: "3.0.0", yaml: "1.2.0", zod: "1.1.0" },
  });
  expect(Object.keys(after.dependencies)).toEqual(["hono", "orders", "yaml", "zod"]);
  expect(text).toContain(
    'package.json, dependencies zod: yours is "1.0.5", upstream\'s "1.1.0"; upstream\'s holds',
  );
  expect(await server.read("Pulumi.yaml")).toBe(
    "name: orders # ours\ndescription: >-\n  All\n  orders\nmain: start.ts\nconfig: {}\n",
  );
  const lock = JSON.parse(await server.read("package-lock.json"));
  expect(lock.packages[""].dependencies).toEqual(after.dependencies);
});

test("who owns what follows upstream's rules and the person's own", async () => {
  await using story = await begin();
  const { upstream, server } = story;
  const rules = JSON.parse(await server.read("ownership.json"));
  const write = (change: object) => `${JSON.stringify({ ...rules, ...change }, undefined, 2)}\n`;
  await server.commit("Take the page over", {
    "ownership.json": write({ theirs: [...rules.theirs, "docs/page.md"] }),
    "docs/page.md": "Mine\n",
  });
  await release(upstream, "1.1.0", {
    "ownership.json": write({
      theirs: [...rules.theirs, "views/**", "other.ts"],
      starts: { "views/index.ts": "export const views = [];\n" },
    }),
    "docs/page.md": lines("upstream's", 30),
    "other.ts": lines("upstream's", 30),
    "views/index.ts": "export const views = [1];\n",
  });
  const { code, text } = await runUpgrade(server);
  expect(code).toBe(0);
  expect(await server.read("docs/page.md")).toBe("Mine\n");
  // It was ours until now, and they have not touched it.
  expect(await server.read("other.ts")).toBe(lines("upstream's", 30));
  expect(await server.read("views/index.ts")).toBe("export const views = [];\n");
  expect(text).toMatch(/Created empty.*\n {2}views\/index\.ts/);
  expect(JSON.parse(await server.read("ownership.json")).theirs).toEqual([
    ...rules.theirs,
    "views/**",
    "other.ts",
    "docs/page.md",
  ]);
});

test("what is generated is written again into the one merge commit", async () => {
  await using story = await begin();
  const { upstream, server } = story;
  await release(upstream, "1.1.0", { "index.ts": lines("upstream's", 30) });
  const before = await server.git("rev-parse", "HEAD");
  const { code, text } = await runUpgrade(server, {
    npm: async (command) => {
      if (command === "run docs") await server.write("tools.md", "orders\n");
      return 0;
    },
  });
  expect(code).toBe(0);
  expect(text).toContain("Written again: tools.md.");
  expect(await server.git("status", "--porcelain")).toBe("");
  expect(await server.git("rev-list", "--count", "--first-parent", `${before}..HEAD`)).toBe("1");
  expect(await server.git("show", "HEAD:tools.md")).toBe("orders");
});

test("red tests leave the upgrade committed, with the way back", async () => {
  await using story = await begin();
  const { upstream, server } = story;
  await release(upstream, "1.1.0", { "index.ts": lines("upstream's", 30) });
  const state = await server.tellState();
  const { code, text } = await runUpgrade(server, {
    npm: async (command) => (command === "run test:mine" ? 1 : 0),
  });
  expect(code).toBe(1);
  const [, back = ""] = /git reset --hard (\w{40}) && npm ci/.exec(text) ?? [];
  await server.git("reset", "--quiet", "--hard", back);
  expect(await server.tellState()).toBe(state);
});

test("an upgrade that was squashed into one commit is known by its record", async () => {
  await using story = await begin();
  const { upstream, server } = story;
  await release(upstream, "1.1.0", { "index.ts": change(lines("index", 30), { 2: "1.1.0" }) });
  await server.git("switch", "--quiet", "-c", "upgrade");
  await runUpgrade(server);
  await server.git("switch", "--quiet", "main");
  await server.git("merge", "--quiet", "--squash", "upgrade");
  await server.commit("Upgrade, squashed", {});
  await release(upstream, "1.2.0", { "index.ts": change(lines("index", 30), { 2: "1.2.0" }) });
  const { code, text } = await runUpgrade(server);
  expect(text).toMatch(/^From 1\.1\.0 /m);
  expect(code).toBe(0);
  expect(await server.read("index.ts")).toBe(change(lines("index", 30), { 2: "1.2.0" }));
});

test("a copy without history or record finds what it was made from by its first commit", async () => {
  await using upstream = await Repository.of(smallUpstream);
  await release(upstream, "1.0.1", { "docs/page.md": lines("better", 30) });
  await using server = await Repository.copy(upstream);
  await server.commit("Make it mine", { "README.md": "# Orders\n", "tools/sample.ts": undefined });
  await release(upstream, "1.1.0", { "docs/page.md": lines("best", 30) });
  await expect(runUpgrade(server)).rejects.toThrow(/Where is upstream\?.*--from/);
  const { code, text } = await runUpgrade(server, { from: upstream.path });
  expect(text).toMatch(/^From 1\.0\.1 /m);
  expect(code).toBe(0);
  expect(JSON.parse(await server.read(".upstream.json"))).toEqual({
    from: upstream.path,
    version: "1.1.0",
    commit: await upstream.git("rev-parse", "HEAD"),
  });
  // The address is recorded now.
  await release(upstream, "1.2.0", { "docs/page.md": lines("perfect", 30) });
  expect((await runUpgrade(server)).code).toBe(0);
});

test("--to takes a release, a branch or a commit of upstream, and nothing else", async () => {
  await using story = await begin();
  const { upstream, server, start } = story;
  const first = await release(upstream, "1.1.0", { "index.ts": lines("first", 30) });
  await release(upstream, "1.10.0", { "index.ts": lines("second", 30) });
  await release(upstream, "2.0.0-rc.1", { "index.ts": lines("candidate", 30) });
  const last = await upstream.commit("Not released", { "index.ts": lines("third", 30) });
  const choose = async (to?: string) => {
    const { text } = await runUpgrade(server, { dryRun: true, ...(to !== undefined && { to }) });
    return /to \S+ \((\w+)\)/.exec(text)?.[1];
  };
  expect(await choose()).toBe((await upstream.git("rev-parse", "v1.10.0")).slice(0, 7));
  expect(await choose("1.1.0")).toBe(first.slice(0, 7));
  expect(await choose("main")).toBe(last.slice(0, 7));
  expect(await choose(last)).toBe(last.slice(0, 7));
  expect((await runUpgrade(server, { to: start })).text).toMatch(/already/);
  const own = await server.git("rev-parse", "HEAD");
  for (const to of ["9.9.9", own, "HEAD"]) {
    await expect(runUpgrade(server, { to }), to).rejects.toThrow(
      /Its newest releases: v1\.10\.0, v1/,
    );
  }
});

test("what is not ready for it is refused with the next step, and nothing is done", async () => {
  await using story = await begin();
  const { upstream, server } = story;
  await release(upstream, "1.1.0", { "index.ts": lines("upstream's", 30) });
  const refuse = async (reason: RegExp, ask: Parameters<typeof runUpgrade>[1] = {}) => {
    const state = await server.tellState();
    await expect(runUpgrade(server, ask), String(reason)).rejects.toThrow(reason);
    expect(await server.tellState(), String(reason)).toBe(state);
  };

  await server.write("notes.txt", "a\n");
  await refuse(/not committed[\s\S]*notes\.txt[\s\S]*git stash/);
  await server.git("clean", "--quiet", "--force");

  for (const [name, what] of [
    ["rebase-merge", /a rebase under way.*git rebase --abort/],
    ["CHERRY_PICK_HEAD", /a cherry-pick under way/],
    ["BISECT_LOG", /git bisect reset/],
  ] as const) {
    const path = join(server.path, ".git", name);
    await writeFile(path, "");
    await refuse(what);
    await rm(path);
  }

  await server.git("switch", "--quiet", "--detach");
  await refuse(/git switch -c upgrade/);
  await server.git("switch", "--quiet", "main");

  await refuse(/cannot be fetched from .*nowhere[\s\S]*--from/, {
    from: join(server.path, "nowhere"),
  });
  await refuse(/Nothing was changed/, { npm: async () => 1 });

  await using other = await Repository.of({ "README.md": "# Another project\n" });
  await refuse(/./, { from: other.path });

  await using empty = await Repository.make();
  await expect(runUpgrade(empty)).rejects.toThrow(/There is no commit yet/);
});
