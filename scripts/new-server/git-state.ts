import { execFile } from "node:child_process";
import { promisify } from "node:util";

export interface GitState {
  /** Files that differ from the last commit, as `git status --short` lists them. */
  readonly changed: readonly string[];
  /** Where it was cloned from. */
  readonly origin: string | undefined;
  /** The newest commit that it shares with `origin`; undefined when it has none from there. */
  readonly shared: string | undefined;
  /** Files that were added since that commit; none if it is not known. */
  readonly added: readonly string[];
}

/**
 * Asks Git about a checkout.
 * @returns undefined if there is no Git repository, or no commit in it yet.
 */
export async function readGitState(root: string): Promise<GitState | undefined> {
  if ((await ask(root, "rev-parse", "--verify", "--quiet", "HEAD")) === undefined) return undefined;
  const changed = await ask(root, "status", "--porcelain", "--untracked-files=all", "--", ".");
  const shared = await ask(root, "merge-base", "HEAD", "refs/remotes/origin/HEAD");
  const added =
    shared === undefined
      ? undefined
      : await ask(root, "diff", "--name-only", "--diff-filter=A", shared, "HEAD", "--", ".");
  return {
    changed: toLines(changed),
    origin: await ask(root, "remote", "get-url", "origin"),
    shared,
    added: toLines(added),
  };
}

function toLines(text = ""): string[] {
  return text.split("\n").filter((line) => line !== "");
}

/** Git's answer; undefined if it refuses, or is not installed. */
async function ask(cwd: string, ...args: string[]): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)("git", args, { cwd, maxBuffer: 1 << 26 });
    return stdout.trimEnd() || undefined;
  } catch {
    return undefined;
  }
}
