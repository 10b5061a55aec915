import type { Examination } from "./examination.ts";

/** How one line ends. A line that could not be looked at is never "ok". */
export type Verdict = "ok" | "warning" | "failed" | "not checked";

export interface Finding {
  readonly verdict: Verdict;
  /** The observation, in one sentence with the telling values: never a token, a code or a secret. */
  readonly reason: string;
  /** What to do about it. Every warning and every failure has one. */
  readonly remedy?: string;
  /** Title of the line without which nothing can be looked at, if it failed: a terminal says it once. */
  readonly behind?: string;
}

/** One line of the report: one thing a client will meet. */
export interface Check {
  /** Stable, in kebab case: what a report in JSON or JUnit names it by. */
  readonly id: string;
  /** The statement that should be true. */
  readonly title: string;
  /** Heading in `docs/runbook.md` that helps, as its anchor without the `#`. */
  readonly runbook: string;
  /**
   * Ids of checks without which this one says nothing. If one of them failed or was not checked, this
   * line is "not checked", so that one fault makes one failed line.
   */
  readonly needs?: readonly string[];
  /** Whether no later line says anything if this one failed. Default: no. */
  readonly isGround?: boolean;
  /** Milliseconds it may take. Default: 60,000; one that waits for a person says more. */
  readonly timeLimit?: number;
  /** Looks. A throw is a fault of doctor's own, or of the network: the runner words it. */
  run(examination: Examination): Promise<Finding>;
}

export interface Line extends Finding {
  readonly check: Check;
  /** Milliseconds the check took. */
  readonly duration: number;
}

/** It is as it should be. */
export function ok(reason: string): Finding {
  return { verdict: "ok", reason };
}

/** Some clients will have trouble, or something is unusual. */
export function warning(reason: string, remedy: string): Finding {
  return { verdict: "warning", reason, remedy };
}

/** Clients will fail. */
export function failed(reason: string, remedy: string): Finding {
  return { verdict: "failed", reason, remedy };
}

/** It could not be looked at: say why, and what would make it possible. */
export function notChecked(reason: string): Finding {
  return { verdict: "not checked", reason };
}
