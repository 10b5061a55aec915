import { mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { styleText } from "node:util";
import { UserError } from "../errors.ts";
import {
  formatUpstream,
  readUpstream,
  type Upstream,
  upstreamFile,
} from "../ownership/upstream.ts";
import { type Applied, apply, leaveConflicts } from "./apply.ts";
import { findBase } from "./base.ts";
import { Git } from "./git.ts";
import { type Merge, mergeUpstream } from "./merge.ts";
import type { RunNpm } from "./npm.ts";
import type { UpgradeOptions } from "./options.ts";
import { requireReady } from "./ready.ts";
import { fetchUpstream, findTarget, forgetUpstream, readVersionAt } from "./target.ts";
import { listToDo, type Sides } from "./to-do.ts";
import { readTextIn, readTree, storeText, type Tree, type TreeEntry } from "./tree.ts";
import { tellMerge, tellUpgrade } from "./upgrade-report.ts";

export interface Surroundings {
  /** Top of the repository. */
  readonly root: string;
  readonly runNpm: RunNpm;
  /** Takes each line of the report. */
  readonly print: (line: string) => void;
}

/**
 * Brings a server up to date with upstream, in one merge commit.
 * @returns the exit code: 1 if a conflict is left to solve, or if what runs afterwards fails.
 * @throws UserError if nothing was done, with the next step.
 */
export async function upgrade(
  { from: given, to, dryRun }: UpgradeOptions,
  { root, runNpm, print }: Surroundings,
): Promise<number> {
  const git = new Git(await realpath(root));
  const before = await requireReady(git);
  const recorded = await readUpstream(git.root);
  const from = await findAddress(git, given, recorded);
  print(`Fetching ${from} …`);
  await fetchUpstream(git, from);
  try {
    const target = await findTarget(git, to);
    const base = await findBase(git, before, target, recorded);
    const versions = {
      before: await readVersionAt(git, base),
      after: await readVersionAt(git, target),
    };
    if (base === target) {
      print(
        `This server has everything of ${versions.after} (${target.slice(0, 7)}) already. What is not released yet comes with --to main.`,
      );
      return 0;
    }
    const sides: Sides = {
      base: await readTree(git, base),
      theirs: await readTree(git, before),
      upstream: await readTree(git, target),
    };
    const merge = await mergeUpstream(git, sides);
    const commits = Number(await git.read(["rev-list", "--count", `${base}..${target}`]));
    const changelog = async (tree: Tree) => (await readTextIn(git, tree, "CHANGELOG.md")) ?? "";
    const lines = [
      ...tellUpgrade({
        ...versions,
        commits,
        from,
        base,
        target,
        changelogs: { before: await changelog(sides.base), after: await changelog(sides.upstream) },
        toDo: await listToDo(git, sides),
      }),
      ...tellMerge(merge, { base, target }),
    ];
    for (const line of lines) print(line);
    if (dryRun) {
      print("");
      print("Nothing was changed (--dry-run).");
      return merge.conflicts.length > 0 ? 1 : 0;
    }
    const upstream: Upstream = { from, version: versions.after, commit: target };
    const files = await complete(git, sides, merge, upstream, runNpm);
    const message = `Upgrade from ${versions.before} to ${versions.after}\n\nUpstream: ${target}\n`;
    const step = { files, before, target, message };
    if (merge.conflicts.length > 0) {
      await leaveConflicts(git, step, merge.unmerged);
      for (const line of tellConflicts(merge)) print(line);
      return 1;
    }
    const applied = await apply(git, step);
    print("");
    print(`Merged as ${applied.commit.slice(0, 7)}. The way back: ${tellWayBack(before)}`);
    return await finish(git, applied, merge, { runNpm, print });
  } finally {
    await forgetUpstream(git);
  }
}

async function findAddress(
  git: Git,
  given: string | undefined,
  recorded: Upstream | undefined,
): Promise<string> {
  // A path is recorded as one that holds from everywhere; one that is not a path on this machine is an address.
  if (given !== undefined) return /^\.{1,2}(?:\/|$)/.test(given) ? resolve(git.root, given) : given;
  if (recorded !== undefined) return recorded.from;
  const remotes = await git.read(["remote"]);
  if (remotes.split("\n").includes("upstream")) {
    return git.read(["remote", "get-url", "upstream"]);
  }
  throw new UserError(
    `Where is upstream? ${upstreamFile} does not say it, and there is no remote upstream. Say it once with --from <url or path>; it is recorded then.`,
  );
}

/** The merged files, with a lock file for the merged packages and the record of what this server is like now. */
async function complete(
  git: Git,
  sides: Sides,
  merge: Merge,
  upstream: Upstream,
  run: RunNpm,
): Promise<Tree> {
  const files = new Map<string, TreeEntry>(merge.files);
  const lock = await lockPackages(git, files, run);
  if (lock !== undefined) files.set("package-lock.json", lock);
  const like = sides.theirs.get(upstreamFile);
  files.set(upstreamFile, await storeText(git, formatUpstream(upstream), like));
  return files;
}

/** Brings upstream's lock file in line with the merged packages, in a folder of its own. */
async function lockPackages(git: Git, files: Tree, run: RunNpm): Promise<TreeEntry | undefined> {
  const like = files.get("package-lock.json");
  if (like === undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), "remote-mcp-server-upgrade-"));
  try {
    for (const name of ["package.json", "package-lock.json", ".npmrc"]) {
      const text = await readTextIn(git, files, name);
      if (text !== undefined) await writeFile(join(folder, name), text);
    }
    const quiet = ["--ignore-scripts", "--no-audit", "--no-fund"];
    const code = await run(["install", "--package-lock-only", ...quiet], folder);
    if (code !== 0) {
      throw new UserError(
        "npm could not bring package-lock.json in line with the merged package.json; it says above why. Nothing was changed. Try again once it can.",
      );
    }
    return await storeText(git, await readFile(join(folder, "package-lock.json"), "utf8"), like);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Installs, writes again what is generated, and runs the tests of theirs. */
async function finish(
  git: Git,
  { before }: Applied,
  { ownership }: Merge,
  { runNpm: run, print }: Pick<Surroundings, "runNpm" | "print">,
): Promise<number> {
  // On Windows a program that runs cannot be deleted, and Node itself is one of the packages.
  const install = process.platform === "win32" ? "install" : "ci";
  const generate = new Set(Object.values(ownership.rules.regenerated));
  const commands = [
    [install],
    ...[...generate]
      .map((command) => command.split(" ").slice(1))
      .filter(([name]) => name === "run"),
    ["run", "test:mine"],
  ];
  for (const args of commands) {
    const code = await run(args, git.root);
    if (code !== 0) {
      print("");
      print(styleText("red", `npm ${args.join(" ")} failed; the reason is above.`));
      print("The upgrade is committed. Fix what is yours and commit that, or go back:");
      print(`  ${tellWayBack(before)}`);
      return 1;
    }
    if (args[1] !== "test:mine") await amend(git, ownership, print);
  }
  print("");
  print(styleText("green", "The upgrade is done, and your tests are green."));
  print("Next: npm run typecheck && npm run lint, deploy to dev, then push.");
  print(`The way back: ${tellWayBack(before)}`);
  return 0;
}

/** Takes into the merge commit what a command wrote again. */
async function amend(
  git: Git,
  ownership: Merge["ownership"],
  print: Surroundings["print"],
): Promise<void> {
  const status = await git.read(["status", "--porcelain", "-z", "--untracked-files=all"]);
  const paths = status.split("\0").flatMap((line) => (line === "" ? [] : [line.slice(3)]));
  const generated = paths.filter((path) => ownership.tellCommand(path) !== undefined);
  if (generated.length === 0) return;
  await git.run(["add", "--all", "--", ...generated.map((path) => `:(top,literal)${path}`)]);
  await git.run(["commit", "--amend", "--no-edit", "--no-verify", "--quiet"]);
  print(`Written again: ${generated.join(", ")}.`);
}

function tellConflicts({ conflicts }: Merge): string[] {
  return [
    "",
    styleText(
      "red",
      "You and upstream changed the same lines of these files of ours; both versions are between markers:",
    ),
    ...conflicts.map((path) => `  ${path}`),
    "Choose in each, then: git add -A && git commit && npm ci && npm run docs && npm run test:mine",
    "Or drop the whole upgrade: git merge --abort",
  ];
}

function tellWayBack(before: string): string {
  return `git reset --hard ${before} && npm ci`;
}
