import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Git } from "./git.ts";

export interface TreeEntry {
  /** As git writes it: `100644`, `100755` for a program, `120000` for a symbolic link. */
  readonly mode: string;
  /** Id of its content. */
  readonly blob: string;
}

/** The files of a commit by their paths. */
export type Tree = ReadonlyMap<string, TreeEntry>;

export async function readTree(git: Git, commit: string): Promise<Tree> {
  const { output } = await git.run(["ls-tree", "-r", "-z", "--full-tree", commit]);
  const files = new Map<string, TreeEntry>();
  for (const line of output.toString("utf8").split("\0")) {
    const found = /^(\d+) \w+ ([0-9a-f]+)\t(.+)$/s.exec(line);
    if (found === null) continue;
    const [, mode = "", blob = "", path = ""] = found;
    files.set(path, { mode, blob });
  }
  return files;
}

/** Writes a tree, and gives back its id. Neither the person's index nor a file of theirs is touched. */
export async function writeTree(git: Git, files: Tree): Promise<string> {
  const folder = await git.read(["rev-parse", "--absolute-git-dir"]);
  const index = join(folder, `upgrade-index-${process.pid}`);
  const env = { GIT_INDEX_FILE: index };
  const lines = [...files].map(([path, { mode, blob }]) => `${mode} ${blob}\t${path}\0`);
  try {
    await git.run(["update-index", "-z", "--index-info"], { env, input: lines.join("") });
    return await git.read(["write-tree"], { env });
  } finally {
    await rm(index, { force: true });
  }
}

/** The text of a file in a tree; `undefined` if it is not there. */
export async function readTextIn(git: Git, tree: Tree, path: string): Promise<string | undefined> {
  const entry = tree.get(path);
  if (entry === undefined) return undefined;
  return (await git.run(["cat-file", "blob", entry.blob])).output.toString("utf8");
}

/** Stores a text in the repository, and gives back its entry. @param like the mode is this one's. */
export async function storeText(git: Git, text: string, like?: TreeEntry): Promise<TreeEntry> {
  const blob = await git.read(["hash-object", "-w", "--stdin"], { input: text });
  return { mode: like?.mode ?? "100644", blob };
}

/** Whether two entries are the same file, or both are missing. */
export function isSame(one: TreeEntry | undefined, other: TreeEntry | undefined): boolean {
  return one?.blob === other?.blob && one?.mode === other?.mode;
}
