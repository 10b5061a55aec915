import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { UserError } from "../errors.ts";
import type { Git } from "./git.ts";

/** Files that git leaves during an operation of several steps, and how to end that operation. */
const underWay = {
  "rebase-merge": ["a rebase", "git rebase --continue, or git rebase --abort"],
  "rebase-apply": ["a rebase", "git rebase --continue, or git rebase --abort"],
  MERGE_HEAD: ["a merge", "git commit, or git merge --abort"],
  CHERRY_PICK_HEAD: ["a cherry-pick", "git cherry-pick --continue, or git cherry-pick --abort"],
  REVERT_HEAD: ["a revert", "git revert --continue, or git revert --abort"],
  BISECT_LOG: ["a bisection", "git bisect reset"],
} as const;

/**
 * Refuses a repository in which an upgrade could lose or mix up something.
 * @returns the commit to go back to.
 * @throws UserError that names the reason and the next step.
 */
export async function requireReady(git: Git): Promise<string> {
  await requireGit(git);
  if (!(await git.ask(["rev-parse", "--is-inside-work-tree"]).catch(() => false))) {
    throw new UserError(
      "There is no Git repository here, and without one there is no way back. Make one: git init && git add -A && git commit -m Start",
    );
  }
  const prefix = await git.read(["rev-parse", "--show-prefix"]);
  if (prefix !== "") {
    throw new UserError(
      `This server is the folder ${prefix} of a larger repository, and its files cannot be merged with upstream's there. Move it to a repository of its own.`,
    );
  }
  for (const [name, [what, next]] of Object.entries(underWay)) {
    const path = await git.read(["rev-parse", "--git-path", name]);
    if (existsSync(resolve(git.root, path))) {
      throw new UserError(`There is ${what} under way. End it first: ${next}.`);
    }
  }
  const head = await git.findCommit("HEAD");
  if (head === undefined) {
    throw new UserError(
      "There is no commit yet. Make one first: git add -A && git commit -m Start",
    );
  }
  const dirty = (await git.read(["status", "--porcelain", "--untracked-files=normal"])).split("\n");
  if (dirty[0] !== "") {
    const files = dirty.slice(0, 5).map((line) => `  ${line}`);
    const more = dirty.length > 5 ? [`  and ${dirty.length - 5} more`] : [];
    throw new UserError(
      [
        "There are changes that are not committed, and the way back would lose them:",
        ...files,
        ...more,
        "Commit them, or put them away with: git stash --include-untracked",
      ].join("\n"),
    );
  }
  if ((await git.read(["branch", "--show-current"])) === "") {
    throw new UserError(
      "No branch is checked out, so the upgrade would be lost. Make one: git switch -c upgrade",
    );
  }
  if ((await git.read(["rev-parse", "--is-shallow-repository"])) === "true") {
    throw new UserError(
      "This is a shallow clone, without the commits to compare with. Get them: git fetch --unshallow",
    );
  }
  await git.read(["var", "GIT_COMMITTER_IDENT"]);
  return head;
}

/** Refuses a git that is older than `merge-tree --write-tree`. */
async function requireGit(git: Git): Promise<void> {
  const version = await git.read(["--version"]);
  const [, major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(version) ?? []).map(Number);
  if (major < 2 || (major === 2 && minor < 39)) {
    throw new UserError(`An upgrade needs Git 2.39 or newer, and this is ${version}.`);
  }
}
