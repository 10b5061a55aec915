/** Failed attempts of one caller. */
export interface Failures {
  readonly count: number;
  /** Milliseconds since the epoch of the last one. */
  readonly lastAt: number;
}

/** Milliseconds that the first attempt too many waits; each further one waits twice as long. */
const firstWait = 30_000;

/** The longest wait in milliseconds: an hour gives four guesses. */
const longestWait = 900_000;

/** Milliseconds after the last attempt when failures are forgotten: longer than any wait. */
export const failureMemory = 2 * longestWait;

export function isStillCounted({ lastAt }: Failures, now: number): boolean {
  return now < lastAt + failureMemory;
}

/**
 * Milliseconds until the next attempt may be made.
 * @param free attempts that may fail before anybody waits.
 */
export function findWait({ count, lastAt }: Failures, free: number, now: number): number {
  if (count < free) return 0;
  const wait = Math.min(firstWait * 2 ** (count - free), longestWait);
  return Math.max(0, lastAt + wait - now);
}
