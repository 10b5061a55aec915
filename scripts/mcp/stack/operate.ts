import { setTimeout as sleep } from "node:timers/promises";
import {
  CommandError,
  ConcurrentUpdateError,
  type EngineEvent,
} from "@pulumi/pulumi/automation/index.js";
import { UserError } from "../../errors.ts";
import { ReportedErrors, tellReason } from "./engine-errors.ts";
import { explainCli } from "./explain-cli.ts";
import { withInterruption } from "./interruption.ts";
import {
  describeLocks,
  isLeftBehind,
  isOlder,
  type Lock,
  readLocks,
  releaseLocks,
} from "./locks.ts";

/** Seconds that a stack which another run holds is waited for, unless told otherwise. */
export const lockPatience = 300;

/** One run of the engine. */
export interface Operation {
  readonly stack: string;
  /** What is done, as a verb: "deploy". */
  readonly verb: string;
  /** Seconds to wait for a stack that another run holds. Default: `lockPatience`. */
  readonly patience?: number | undefined;
  /** Milliseconds after which a lock counts as left behind on any machine. Default: never. */
  readonly mostAge?: number | undefined;
  /** Removes all locks of the stack. Without it, one that lies in a bucket stays. */
  readonly cancel?: (() => Promise<void>) | undefined;
  readonly onEvent?: ((event: EngineEvent) => void) | undefined;
  /** Told while another run is waited for. */
  readonly onWait?: ((who: string) => void) | undefined;
}

/** What every run of the engine is handed. */
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
  const { patience = lockPatience, mostAge, cancel, onWait } = operation;
  const late = Date.now() + patience * 1000;
  let before: readonly Lock[] = [];
  for (;;) {
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
        `--stack: ${operation.stack} is held by ${who}, for longer than ${patience} s. Wait for it; or if it is over (its machine is gone), \`npx pulumi cancel -s ${operation.stack}\`, and run this again.`,
      );
    }
    onWait?.(who);
    // Not all at once: two that wait for the same run would meet again.
    await sleep(500 + Math.random() * 1500);
  }
}

/** @returns the error where another run holds the stack. */
async function tryOnce<Result>(
  { stack, verb, onEvent }: Operation,
  run: (parts: EngineParts) => Promise<Result>,
): Promise<Result | ConcurrentUpdateError> {
  const errors = new ReportedErrors();
  return withInterruption(async (signal) => {
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
      if (signal.aborted) {
        throw new UserError(
          `Interrupted while it was to ${verb} ${stack}. What was done stands in the stack's state; run the same command again to finish.`,
        );
      }
      const reported = errors.describe();
      if (reported !== undefined) throw new UserError(reported);
      if (error instanceof CommandError) {
        throw new UserError(explainCli(`Pulumi could not ${verb} ${stack}`, tellReason(error)));
      }
      throw error;
    }
  });
}
