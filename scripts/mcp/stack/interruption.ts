import { constants } from "node:os";
import { UserError } from "../../errors.ts";

/** Signals by which a person or a CI runner ends a run. */
const signals = ["SIGINT", "SIGTERM"] as const;

/** Runs that take an interruption themselves. */
const running = new Set<AbortController>();

/**
 * Until it is disposed of, an interruption that no run takes lets this process exit, so that what listens for that
 * puts things away: without a listener, it would end at once.
 */
export function exitWhenInterrupted(): Disposable {
  const stop = (signal: NodeJS.Signals) => {
    if (running.size === 0) process.exit(128 + constants.signals[signal]);
  };
  for (const signal of signals) process.on(signal, stop);
  return {
    [Symbol.dispose]() {
      for (const signal of signals) process.removeListener(signal, stop);
    },
  };
}

/**
 * Runs something that an interruption ends in order: the engine gets to write down what it has done.
 * A second signal ends this process at once, as it would without.
 */
export async function withInterruption<Result>(
  act: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const interrupt = new AbortController();
  running.add(interrupt);
  const leave = () => {
    running.delete(interrupt);
    for (const signal of signals) process.removeListener(signal, stop);
  };
  const stop = (signal: NodeJS.Signals) => {
    // Not taken off at the first one: the library that starts the engine ends this process at once if
    // it sees no listener but its own.
    if (!interrupt.signal.aborted) return interrupt.abort();
    leave();
    process.kill(process.pid, signal);
  };
  for (const signal of signals) process.on(signal, stop);
  try {
    return await act(interrupt.signal);
  } finally {
    leave();
  }
}

/** What a person is told whose run was ended. @param verb as of an operation. */
export function tellInterruption(verb: string, stack: string): UserError {
  return new UserError(
    `Interrupted while trying to ${verb} ${stack}. What was done is in the stack's state; run the same command again to finish.`,
  );
}
