import type { Git } from "./git.ts";
import type { Sides } from "./to-do.ts";
import { readTree, type Tree, writeTree } from "./tree.ts";

/** One version of a file in conflict, as git's index holds it: 1 is the base, 2 theirs, 3 upstream's. */
export interface UnmergedEntry {
  readonly mode: string;
  readonly blob: string;
  readonly stage: string;
  readonly path: string;
}

export interface MergedTrees {
  /** Every file, those in conflict with markers. */
  readonly files: Tree;
  /** Paths of files in conflict. */
  readonly conflicts: readonly string[];
  readonly unmerged: readonly UnmergedEntry[];
}

/** The names in the markers of a conflict. */
const labels = { theirs: "yours", upstream: "upstream" };

/**
 * Merges trees as `git merge` does, with renames. Git 2.39 takes no base for it, so that each tree becomes a commit of
 * its own that nothing leads to.
 */
export async function mergeTrees(git: Git, sides: Sides): Promise<MergedTrees> {
  const base = await commit(git, sides.base, []);
  const theirs = await commit(git, sides.theirs, [base]);
  const upstream = await commit(git, sides.upstream, [base]);
  const names = {
    theirs: `refs/upgrade/${labels.theirs}`,
    upstream: `refs/upgrade/${labels.upstream}`,
  };
  await git.run(["update-ref", names.theirs, theirs]);
  await git.run(["update-ref", names.upstream, upstream]);
  const { output } = await git.run(
    [
      // A folder that upstream renames takes no file of theirs along.
      ...["-c", "merge.directoryRenames=false", "-c", "merge.conflictStyle=merge"],
      ...["merge-tree", "--write-tree", "-z", "--no-messages"],
      ...[`upgrade/${labels.theirs}`, `upgrade/${labels.upstream}`],
    ],
    { codes: [0, 1] },
  );
  await git.run(["update-ref", "-d", names.theirs]);
  await git.run(["update-ref", "-d", names.upstream]);
  const [tree = "", ...lines] = output.toString("utf8").split("\0");
  const unmerged = lines.flatMap((line) => {
    const found = /^(\d+) ([0-9a-f]+) (\d)\t(.+)$/s.exec(line);
    if (found === null) return [];
    const [, mode = "", blob = "", stage = "", path = ""] = found;
    return [{ mode, blob, stage, path }];
  });
  const conflicts = [...new Set(unmerged.map(({ path }) => path))].sort();
  return { files: await readTree(git, tree), conflicts, unmerged };
}

async function commit(git: Git, tree: Tree, parents: readonly string[]): Promise<string> {
  const id = await writeTree(git, tree);
  const args = ["commit-tree", id, "-m", "Not kept", ...parents.flatMap((one) => ["-p", one])];
  return git.read(["-c", "commit.gpgSign=false", ...args]);
}
