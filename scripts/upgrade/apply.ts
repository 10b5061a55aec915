import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { UserError } from "../errors.ts";
import type { Git } from "./git.ts";
import type { UnmergedEntry } from "./merge-trees.ts";
import { type Tree, writeTree } from "./tree.ts";

export interface Step {
  readonly files: Tree;
  /** The commit before, and upstream's. */
  readonly before: string;
  readonly target: string;
  readonly message: string;
}

export interface Applied {
  readonly commit: string;
  readonly before: string;
}

/** Commits the merge and checks it out. @throws UserError if a file is in the way; nothing is changed then. */
export async function apply(git: Git, { files, before, target, message }: Step): Promise<Applied> {
  const tree = await writeTree(git, files);
  const parents = ["-p", before, "-p", target];
  const commit = await git.read(["commit-tree", tree, ...parents], { input: message });
  await refuseToOverwrite(() => git.run(["read-tree", "-m", "-u", before, commit]));
  await git.run(["update-ref", "-m", "upgrade", "HEAD", commit, before]);
  return { commit, before };
}

/**
 * Leaves a merge for the person to end, as `git merge` does: files with markers, and the commit to make of them.
 * @throws UserError if a file is in the way; nothing is changed then.
 */
export async function leaveConflicts(
  git: Git,
  { files, before, target, message }: Step,
  unmerged: readonly UnmergedEntry[],
): Promise<void> {
  const tree = await writeTree(git, files);
  const write = async (name: string, text: string) => {
    const path = await git.read(["rev-parse", "--git-path", name]);
    await writeFile(resolve(git.root, path), text);
  };
  await refuseToOverwrite(() => git.run(["read-tree", "-m", "-u", before, tree]));
  // First what lets `git merge --abort` take it all back.
  await write("MERGE_HEAD", `${target}\n`);
  await write("MERGE_MODE", "no-ff");
  await write("MERGE_MSG", message);
  const gone = [...new Set(unmerged.map(({ path }) => path))];
  const lines = [
    ...gone.map((path) => `0 ${"0".repeat(40)}\t${path}\0`),
    ...unmerged.map(({ mode, blob, stage, path }) => `${mode} ${blob} ${stage}\t${path}\0`),
  ];
  await git.run(["update-index", "-z", "--index-info"], { input: lines.join("") });
}

async function refuseToOverwrite(run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch (error) {
    throw new UserError(
      `${(error as Error).message}\nNothing was changed. Move those files away, and try again.`,
    );
  }
}
