import type { Mishap } from "../../scripts/local-cloud/faults.ts";

/**
 * Every kind of fault that the local cloud knows. The first is the worst: it is done, and nobody knows.
 * No client tries a 500 or a 409 again, so that what is looked at is the command and not the SDK.
 */
export const mishaps: readonly Mishap[] = [
  { kind: "reset", when: "after" },
  { kind: "reset", when: "before" },
  { kind: "status", status: 500, shouldRetry: false },
  { kind: "status", status: 429, retryAfterMs: 10 },
  { kind: "status", status: 409, shouldRetry: false },
  { kind: "truncated" },
  { kind: "slow", milliseconds: 500 },
  { kind: "stale" },
];

/** More calls than any client makes of one. */
export const always = 20;
