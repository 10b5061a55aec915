/**
 * `node scripts/ownership/changed.ts <commit>`: which tests a workflow has to run for what changed since a commit. Prints
 * `mine` if only the server's own files did, `whole` for everything else, and also if it cannot be known.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { type Ownership, readOwnership } from "./ownership.ts";
import { upstreamFile } from "./upstream.ts";

/** Which tests have to run. */
export type Extent = "mine" | "whole";

/**
 * Which tests have to run for files that changed.
 * @param paths from the top of the repository.
 */
export function chooseExtent(ownership: Ownership, paths: readonly string[]): Extent {
  return paths.every((path) => ownership.isTheirs(path)) ? "mine" : "whole";
}

/**
 * Which tests have to run for what changed since a commit.
 * @param root top of the repository.
 * @param commit an unknown one, as that of a branch which was pushed for the first time, asks for everything.
 */
export async function findExtent(root: string, commit: string): Promise<Extent> {
  // This project itself tests everything each time: here the sample is one of its promises.
  if (!existsSync(join(root, upstreamFile))) return "whole";
  const args = ["diff", "--name-only", "--no-renames", "-z", "--end-of-options", commit, "HEAD"];
  try {
    const { stdout } = await promisify(execFile)("git", args, { cwd: root });
    const paths = stdout.split("\0").filter((path) => path !== "");
    return chooseExtent(readOwnership(root), paths);
  } catch {
    return "whole";
  }
}

if (import.meta.main) {
  console.log(await findExtent(resolve(import.meta.dirname, "../.."), process.argv[2] ?? ""));
}
