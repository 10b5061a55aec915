import { unlink } from "node:fs/promises";
import { hostname } from "node:os";
import { fileURLToPath } from "node:url";
import { hasCode } from "../../errors.ts";

/** A run of Pulumi that holds a stack, as a folder or a bucket remembers it. Pulumi Cloud tells none. */
export interface Lock {
  /** Where the backend keeps it. */
  readonly url: string;
  readonly user: string;
  readonly host: string;
  readonly pid: number;
  /** When the run began. */
  readonly since: Date;
}

/** Reads the locks out of what the CLI says where it does not get the stack. */
export function readLocks(said: string): Lock[] {
  const lines = said.matchAll(/(\S+): created by (\S+)@(\S+) \(pid (\d+)\) at (\S+)/g);
  return [...lines].map(([, url = "", user = "", host = "", pid, since = ""]) => ({
    url,
    user,
    host,
    pid: Number(pid),
    since: new Date(since),
  }));
}

/** Whether the run that made a lock is over without having removed it: killed, on this machine. */
export function isLeftBehind({ host, pid }: Lock): boolean {
  if (host !== hostname()) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    // EPERM: it runs, as somebody else.
    return hasCode(error, "ESRCH");
  }
}

/** Whether a lock is older than any run can be: its machine is gone. @param mostAge in milliseconds. */
export function isOlder({ since }: Lock, mostAge: number | undefined, now: number): boolean {
  return mostAge !== undefined && now - since.getTime() > mostAge;
}

/**
 * Removes locks whose runs are over. Those in a bucket only when they are read for the second time: what
 * removes them removes whichever are there, and another run may have done it already and have begun.
 * @param before those that were read the last time.
 * @param cancel removes all locks of the stack.
 * @returns whether the stack may be free now.
 */
export async function releaseLocks(
  locks: readonly Lock[],
  before: readonly Lock[],
  cancel?: () => Promise<void>,
): Promise<boolean> {
  const areGone = await Promise.all(locks.map(removeLock));
  if (areGone.every(Boolean)) return true;
  const known = new Set(before.map(({ url }) => url));
  if (cancel === undefined || !locks.every(({ url }) => known.has(url))) return false;
  await cancel();
  return true;
}

/**
 * Removes exactly this lock. `pulumi cancel` would remove whichever is there by then, which may be that
 * of a run that has just begun.
 * @returns whether it is gone; false for a lock that lies in a bucket.
 */
export async function removeLock({ url }: Lock): Promise<boolean> {
  // User and host of a lock are free text, so what was read may be no lock at all.
  if (!/^file:\/\/.*\/\.pulumi\/locks\/.+\.json$/.test(url)) return false;
  try {
    await unlink(fileURLToPath(url));
  } catch (error) {
    // Another run was faster.
    if (!hasCode(error, "ENOENT")) throw error;
  }
  return true;
}

/** Who holds the stack, in words. */
export function describeLocks(locks: readonly Lock[]): string {
  const [first] = locks;
  if (first === undefined) return "another run";
  const { user, host, pid, since } = first;
  return `a run of ${user} on ${host} (process ${pid}, since ${since.toISOString().slice(0, 19)}Z)`;
}
