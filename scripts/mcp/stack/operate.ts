import { unlink } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import {
  CommandError,
  ConcurrentUpdateError,
  type EngineEvent,
} from "@pulumi/pulumi/automation/index.js";
import { hasCode, UserError } from "../../errors.ts";
import { explainCli } from "./cli.ts";
import { ReportedErrors, tellReason } from "./engine-events.ts";
import { tellInterruption } from "./interruption.ts";

/** Seconds that a stack which another run holds is waited for, unless told otherwise. */
export const lockPatience = 300;

/** One run of the engine. */
export interface Operation {
  readonly stack: string;
  /** The operation, as a verb: "deploy". */
  readonly verb: string;
  /** Seconds to wait for a stack that another run holds. Default: `lockPatience`. */
  readonly patience?: number | undefined;
  /** Milliseconds after which a lock counts as left behind on any machine. Default: never. */
  readonly mostAge?: number | undefined;
  /** Removes all locks of the stack. Without it, one that lies in a bucket stays. */
  readonly cancel?: (() => Promise<void>) | undefined;
  readonly onEvent?: ((event: EngineEvent) => void) | undefined;
  /** Aborted by an interruption: ends the run in order, and the wait for another one. */
  readonly signal: AbortSignal;
  /** Told while another run is waited for. */
  readonly onWait?: ((who: string) => void) | undefined;
}

export interface EngineParts {
  readonly signal: AbortSignal;
  readonly onEvent: (event: EngineEvent) => void;
  readonly onOutput: () => void;
}

/**
 * Runs the engine, and waits for a stack that another run holds. A lock that a killed run of this
 * machine left is removed, and one of any machine that is older than a run can be.
 * @throws UserError with what the engine reported, or who holds the stack.
 */
export async function operate<Result>(
  operation: Operation,
  run: (parts: EngineParts) => Promise<Result>,
): Promise<Result> {
  const { stack, verb, signal, patience = lockPatience, mostAge, cancel, onWait } = operation;
  const late = Date.now() + patience * 1000;
  let before: readonly Lock[] = [];
  for (;;) {
    if (signal.aborted) throw tellInterruption(verb, stack);
    const held = await tryOnce(operation, run);
    if (!(held instanceof ConcurrentUpdateError)) return held;
    const locks = readLocks(held.message);
    const isOver = (lock: Lock) => isLeftBehind(lock) || isOlder(lock, mostAge, Date.now());
    if (locks.length > 0 && locks.every(isOver)) {
      if (await releaseLocks(locks, before, cancel)) continue;
    }
    before = locks;
    const who = describeLocks(locks);
    if (Date.now() > late) {
      throw new UserError(
        `--stack: ${stack} is held by ${who}, for longer than ${patience} s. Wait for it; or if it is over (its machine is gone), \`npx pulumi cancel -s ${stack}\`, and run this again.`,
      );
    }
    onWait?.(who);
    // Not all at once: two that wait for the same run would meet again. An interruption ends it, and is told above.
    await sleep(500 + Math.random() * 1500, undefined, { signal }).catch(() => {});
  }
}

/** @returns the error if another run holds the stack. */
async function tryOnce<Result>(
  { stack, verb, signal, onEvent }: Operation,
  run: (parts: EngineParts) => Promise<Result>,
): Promise<Result | ConcurrentUpdateError> {
  const errors = new ReportedErrors();
  try {
    return await run({
      signal,
      onEvent(event) {
        errors.take(event);
        onEvent?.(event);
      },
      // Without one, the Automation API keeps nothing of it either.
      onOutput: () => {},
    });
  } catch (error) {
    if (error instanceof ConcurrentUpdateError) return error;
    if (signal.aborted) throw tellInterruption(verb, stack);
    const reported = errors.describe();
    if (reported !== undefined) throw new UserError(reported);
    if (error instanceof CommandError) {
      throw new UserError(explainCli(`Pulumi could not ${verb} ${stack}`, tellReason(error)));
    }
    throw error;
  }
}

/** A run of Pulumi that holds a stack, as a folder or a bucket remembers it. Pulumi Cloud tells none. */
interface Lock {
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
