import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify, stripVTControlCharacters } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { projectRoot } from "../../infra/bundle.ts";
import { readOwnership } from "../../scripts/ownership/ownership.ts";
import { compileCache } from "../support/compile-cache.ts";
import { keepTypes, lendTypes } from "../support/known-types.ts";
import { oneWorker } from "../support/one-worker.ts";
import { storyTime } from "../support/patience.ts";
import { sample } from "../support/sample.ts";
import { commits, workOn } from "./made-up-upstream.ts";
import { Repository } from "./repository.ts";
import { runUpgrade } from "./run.ts";
import { findNeighbours, makeServer, makeServerByHand } from "./server-of-ada.ts";

const execute = promisify(execFile);

/** A server that somebody made, its own package, and upstream as it is by now. */
interface Story {
  readonly server: Repository;
  readonly upstream: Repository;
  readonly own: string;
}

/** Upgrades, and compares every file of the result with whose it is. */
async function upgradeAndCompare({ server, upstream, own }: Story): Promise<string> {
  const [before, theirs] = [await server.git("rev-parse", "HEAD"), await server.list()];
  const target = await upstream.git("rev-parse", "HEAD");
  const wanted = await upstream.list();
  const { code, text } = await runUpgrade(server);
  expect(code, text).toBe(0);
  expect(text).not.toContain("conflict");
  expect(await server.git("status", "--porcelain")).toBe("");
  expect(await server.git("show", "-s", "--format=%P")).toBe(`${before} ${target}`);

  const ownership = readOwnership(server.path);
  const after = await server.list();
  const [mine, ours] = [new Map<string, string>(), new Map<string, string>()];
  for (const [path, blob] of theirs) if (ownership.isTheirs(path)) mine.set(path, blob);
  for (const [path, blob] of wanted) if (ownership.isOurs(path)) ours.set(path, blob);
  mine.delete(".upstream.json");
  const byKey = [".upstream.json", "package.json", "package-lock.json", "Pulumi.yaml"];
  const [expected, found] = [new Map([...mine, ...ours]), new Map(after)];
  for (const path of byKey) {
    expected.delete(path);
    found.delete(path);
  }
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
  expect([mine.size, ours.size].every((size) => size > 15)).toBe(true);

  const [manifest, upstreams] = await Promise.all(
    [server, upstream].map(async (one) => JSON.parse(await one.read("package.json"))),
  );
  // What new:server took out with the sample stays out.
  const readBefore = async (file: string) =>
    JSON.parse(await server.git("show", `${before}:${file}`));
  const { version, commit: base = `v${version}` } = await readBefore(".upstream.json");
  const offered = JSON.parse(await upstream.git("show", `${base}:package.json`)).dependencies;
  const had = (await readBefore("package.json")).dependencies;
  const isKept = ([name]: [string, unknown]) => name in had || !(name in offered);
  const kept = Object.entries(upstreams.dependencies).filter(isKept);
  const sorted = [...kept, [own, "7.0.0"]].sort();
  expect(manifest).toMatchObject({ name: "acme-orders", version: "0.3.0" });
  expect(Object.entries(manifest.dependencies).sort()).toEqual(sorted);
  expect(manifest.scripts).toEqual(upstreams.scripts);
  const lock = JSON.parse(await server.read("package-lock.json"));
  expect(lock.packages[""]).toMatchObject({
    name: "acme-orders",
    dependencies: manifest.dependencies,
  });
  const project = await server.git("show", `${before}:Pulumi.yaml`);
  const [name = "", description = ""] = project.match(/^(?:name|description): .*/gm) ?? [];
  expect(name).toBe("name: acme-orders");
  expect(await server.read("Pulumi.yaml")).toBe(
    (await upstream.read("Pulumi.yaml"))
      .replace(/^name: .*/m, name)
      .replace(/^description: .*/m, description),
  );
  expect(JSON.parse(await server.read(".upstream.json"))).toEqual({
    from: upstream.path,
    version: upstreams.version,
    commit: target,
  });
  console.log(
    `0 conflicts: ${ours.size} files of ours are upstream's, ${mine.size} of theirs are theirs`,
  );
  return text;
}

let upstream: Repository;
let servers: Record<"clone" | "copy", { server: Repository; own: string }>;

/** Both begin at the same release; then upstream works on. */
beforeAll(async () => {
  upstream = await Repository.ofProject();
  await upstream.git("tag", "v1.0.0");
  const base = await upstream.git("rev-parse", "HEAD");
  const [clone, copy] = [await Repository.clone(upstream), await Repository.copy(upstream)];
  servers = {
    clone: { server: clone, own: await makeServer(clone, upstream.path) },
    copy: { server: copy, own: await makeServer(copy, upstream.path) },
  };
  // A copy cannot know its commit, only the version.
  const record = async (server: Repository) => JSON.parse(await server.read(".upstream.json"));
  expect(await record(clone)).toEqual({ from: upstream.path, version: "1.0.0", commit: base });
  await workOn(upstream);
  return async () => {
    for (const one of [upstream, clone, copy]) await one[Symbol.asyncDispose]();
  };
}, storyTime);

test.each(["clone", "copy"] as const)(
  "a server made as a %s takes 30 commits of upstream without a conflict",
  async (way) => {
    const { server, own } = servers[way];
    const text = await upgradeAndCompare({ server, upstream, own });
    expect(text).toMatch(new RegExp(`From 1\\.0\\.0 .* to 1\\.1\\.0 .*: ${commits} commits`));
    expect(text.indexOf("A made-up hole is closed.")).toBeLessThan(text.indexOf("A made-up view."));
    expect(text).toContain("The setting customDomain is gone: take it out of Pulumi.prod.yaml.");
    expect(text).toMatch(/stay as you have them[\s\S]* README\.md\n/);
    const { dependencies } = JSON.parse(await server.read("package.json"));
    const [first = "", second = ""] = findNeighbours(dependencies);
    expect([first, second]).toContain(own);
  },
);

/** Runs a program of the server's checkout, which must succeed, for as long as it takes. @returns what it printed. */
async function run(server: Repository, file: string, ...args: string[]): Promise<string> {
  const env = {
    PATH: process.env.PATH ?? "",
    HOME: server.path,
    NO_COLOR: "1",
    NODE_COMPILE_CACHE: compileCache,
    ...oneWorker,
  };
  const options = { cwd: server.path, env, maxBuffer: 64 * 1024 * 1024 };
  try {
    const { stdout } = await execute(process.execPath, [join(server.path, file), ...args], options);
    return stripVTControlCharacters(stdout);
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string };
    throw new Error(`${file} ${args.join(" ")} failed:\n${stdout}${stderr}`, { cause: error });
  }
}

test("what a server is after the upgrade is green: types, its tools, its texts, and all of it with the soak", {
  timeout: 3 * storyTime,
}, async () => {
  const { server } = servers.clone;
  expect(JSON.parse(await server.read(".upstream.json"))).toMatchObject({ version: "1.1.0" });
  const tsc = "node_modules/typescript/bin/tsc";
  for (const project of sample(["worker"], ["worker", "."])) {
    lendTypes(server.path);
    await run(server, tsc, "-p", project);
    keepTypes(server.path);
  }
  // A login and a call with real clients take half a minute.
  const withoutClients = ["--exclude", "tests/mine/**"];
  const tested = await run(server, "scripts/test-mine.ts", ...sample(withoutClients, []));
  expect(tested).toMatch(/Test Files +\d+ passed/);
  for (const name of ["count-words", "list-orders", "ship-order", "count-orders"]) {
    expect(tested).toContain(`worker/tools/${name}.test.ts`);
  }
  expect(tested).toContain("tests/theirs/texts.test.ts");
});

/** The first commit that has `new:server`; none in a shallow clone, outside of Git, or in somebody's own server. */
async function findStart(): Promise<string | undefined> {
  if (!existsSync(join(projectRoot, ".git"))) return undefined;
  if (existsSync(join(projectRoot, ".upstream.json"))) return undefined;
  const git = async (...args: string[]) =>
    (await execute("git", args, { cwd: projectRoot })).stdout.trim();
  if ((await git("rev-parse", "--is-shallow-repository")) === "true") return undefined;
  const added = ["--diff-filter=A", "--format=%H", "--", "scripts/new-server.ts"];
  return (await git("log", ...added)).split("\n").at(-1) || undefined;
}

const start = await findStart();

if (start !== undefined) {
  test("a server made when new:server came takes all that came since", async () => {
    await using current = await Repository.ofHistory(projectRoot);
    await using server = await Repository.clone(current);
    await server.git("reset", "--quiet", "--hard", start ?? "");
    const record = { from: current.path, version: "1.0.0", commit: start };
    const own = await makeServerByHand(server, record);
    await upgradeAndCompare({ server, upstream: current, own });
  });
}
