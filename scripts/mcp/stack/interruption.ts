import { UserError } from "../../errors.ts";

/** Signals by which a person or a CI runner ends a run. */
const signals = ["SIGINT", "SIGTERM"] as const;

/**
 * Runs something that an interruption ends in order: the engine gets to write down what it has done.
 * A second signal ends this process at once, as it would without.
 */
export async function withInterruption<Result>(
  act: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const interrupt = new AbortController();
  const leave = () => {
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
