import type { Mishap } from "../../scripts/local-cloud/faults.ts";

/** One thing that may befall a call of the API. */
export interface FaultKind {
  readonly name: string;
  readonly fault: Mishap;
  /** Calls in a row that it befalls, so that the tries of the SDK and the provider do not get past it. */
  readonly count: number;
  /** Whether it befalls only calls that read; it leaves others alone. */
  readonly isOfReading: boolean;
}

/** More than anybody tries. */
const always = 20;

const once = { count: 1, isOfReading: false } as const;
const everyTime = { count: always, isOfReading: false } as const;

/** A status that is not to be tried again. */
function toStatus(status: number): Mishap {
  return { kind: "status", status, shouldRetry: false };
}

// By kind, so that the compiler names one that is missing here.
const byKind: Readonly<Record<Mishap["kind"], readonly FaultKind[]>> = {
  status: [
    { name: "500", fault: toStatus(500), ...once },
    { name: "429", fault: toStatus(429), ...once },
    { name: "409", fault: toStatus(409), ...once },
  ],
  reset: [
    { name: "lost answers", fault: { kind: "reset", when: "after" }, ...everyTime },
    { name: "no connection", fault: { kind: "reset", when: "before" }, ...everyTime },
  ],
  truncated: [{ name: "answers that are cut off", fault: { kind: "truncated" }, ...everyTime }],
  slow: [{ name: "a slow answer", fault: { kind: "slow", milliseconds: 500 }, ...once }],
  stale: [
    { name: "an answer of a while ago", fault: { kind: "stale" }, count: 1, isOfReading: true },
  ],
};

/** Every kind of fault that the local cloud has: what the soak run tries at each command. */
export const faultKinds: readonly FaultKind[] = Object.values(byKind).flat();
