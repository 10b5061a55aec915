import { execFile } from "node:child_process";
import { appendFile, copyFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { projectRoot } from "../../../infra/bundle.ts";
import { listBlocks, listCommands, parseDocument, readProject } from "../../docs/documents.ts";
import { makeFixtureCheckout } from "../../support/fixture-checkout.ts";
import { lendTypes } from "../../support/known-types.ts";
import { storyTime } from "../../support/patience.ts";
import { sample } from "../../support/sample.ts";
import { makeTempFolder } from "../../support/temp-folder.ts";
import { Desk } from "../../support/walk/desk.ts";
import { type Walked, walk } from "../../support/walk/walk.ts";

const run = promisify(execFile);

/** A repository that can be cloned, with all that stands in it in one commit. */
async function makeRepository(cloudPort: () => number) {
  const checkout = await makeFixtureCheckout({ hasTests: true });
  const git = (...args: string[]) => run("git", args, { cwd: checkout.path(".") });
  return {
    path: checkout.path("."),
    async commit() {
      await copyFile(join(projectRoot, ".npmrc"), checkout.path(".npmrc"));
      // A test takes a free port; the file names the usual one.
      await checkout.edit("Pulumi.local.yaml", ":8790/", `:${cloudPort()}/`);
      await git("init", "--quiet", "--initial-branch=main");
      await appendFile(checkout.path(".git/info/exclude"), "node_modules\n");
      await git("config", "user.name", "Ada");
      await git("config", "user.email", "ada@example.com");
      await git("add", "--all");
      await git("commit", "--quiet", "--message", "Start");
    },
    [Symbol.asyncDispose]: () => checkout[Symbol.asyncDispose](),
  };
}

/**
 * Gives a clone the packages of this checkout, and what `tsc` knows of their types. `.ci/run` has just done `npm ci`
 * for real.
 */
async function lendPackages(clone: string): Promise<void> {
  await symlink(join(projectRoot, "node_modules"), join(clone, "node_modules"));
  lendTypes(clone);
}

/** A part of the way, by how its first and its last command begin. */
interface Part {
  readonly title: string;
  readonly from: string;
  readonly to: string;
  /** Commands that a person types. */
  readonly commands: number;
}

const parts: readonly Part[] = [
  {
    title: "From git clone to a call of an own tool",
    from: "git clone",
    to: "npm run mcp -- call",
    commands: 5,
  },
  {
    title: "From there to the local cloud",
    from: "npm run cloud",
    to: "PULUMI_BACKEND_URL",
    commands: 2,
  },
];

/** The lines that belong to a part, the first and the last included. */
function pick<Each>(all: readonly Each[], { from, to }: Part, toLine: (each: Each) => string) {
  const find = (start: string) => all.findIndex((each) => toLine(each).startsWith(start));
  return all.slice(find(from), find(to) + 1);
}

/** Says how long a part of the way took; a limit would fail on a busy machine. */
function tellTime(which: Part, walked: readonly Walked[]): void {
  const part = pick(walked, which, ({ line }) => line);
  const seconds = part.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / 1000;
  console.log(`${which.title}: ${part.length} lines, ${seconds.toFixed(0)} s`);
  for (const { line, milliseconds } of part) console.log(`  ${milliseconds} ms  ${line}`);
}

test("docs/first-hour.md runs as it is written, from git clone to Cloudflare", {
  timeout: 3 * storyTime,
}, async ({ skip }) => {
  let port = 0;
  await using repository = await makeRepository(() => port);
  await using folder = await makeTempFolder();
  const { stdout: cache } = await run("npm", ["config", "get", "cache"]);
  await using desk = await Desk.make(skip, {
    cwd: folder.path,
    // "with warm registries": what this machine has fetched before is not fetched again.
    variables: { npm_config_cache: cache.trim() },
  });
  port = desk.ports.cloud;
  await repository.commit();
  const walked = await walk("docs/first-hour.md", await readProject("docs/first-hour.md"), {
    terminal: desk.terminal,
    values: {
      ...desk.accountValues,
      "<address of this repository>": repository.path,
      // Really installed with `npm run test:soak`.
      ...sample({ "npm ci && npm start": "npm start" }, {}),
    },
    before: sample({ "npm ci": () => lendPackages(desk.terminal.cwd) }, {}),
  });
  for (const part of parts) tellTime(part, walked);

  const { transcript } = desk.terminal;
  expect(transcript).toContain("\n3 words\n");
  const outputs = JSON.parse(
    await desk.terminal.run("npx pulumi stack output --json -s dev"),
  ) as Record<string, string>;
  expect((await fetch(outputs.url ?? "")).status).toBe(200);
});

test("docs/first-hour.md asks for five commands up to a call of an own tool, and for two more to a cloud", async () => {
  const path = "docs/first-hour.md";
  const blocks = listBlocks(parseDocument(path, await readProject(path)));
  const lines = blocks.flatMap(({ value }) => listCommands(value));
  for (const part of parts) expect(pick(lines, part, String)).toHaveLength(part.commands);
});

test("docs/first-hour.md is short", async () => {
  const words = (await readProject("docs/first-hour.md")).split(/\s+/).length;
  console.log(`docs/first-hour.md: ${words} words`);
  expect(words).toBeLessThanOrEqual(900);
});
