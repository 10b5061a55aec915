import type { Line, Verdict } from "../check.ts";

/** All that a run found. */
export interface Report {
  readonly origin: string;
  /** Paths of the endpoints that were looked at. */
  readonly endpoints: readonly string[];
  /** When it began, as ISO 8601 in UTC. */
  readonly started: string;
  readonly lines: readonly Line[];
  /** Things that could not be cleaned up, in sentences. */
  readonly leftOver: readonly string[];
}

/** Where the runbook helps with a line, from the root of the checkout. */
export function toRunbookLink({ check }: Pick<Line, "check">): string {
  return `docs/runbook.md#${check.runbook}`;
}

/** How many lines ended in which way. */
type Totals = Readonly<Record<Verdict, number>>;

/** Counts the lines of a report. */
export function countVerdicts(lines: readonly Pick<Line, "verdict">[]): Totals {
  const totals = { ok: 0, warning: 0, failed: 0, "not checked": 0 };
  for (const { verdict } of lines) totals[verdict] += 1;
  return totals;
}

/** The totals in one sentence. What was not checked is said apart: it is not ok. */
export function describeTotals(totals: Totals): string {
  const { ok, warning, failed } = totals;
  const unknown = totals["not checked"];
  const all = ok + warning + failed + unknown;
  return `${all} lines: ${ok} ok, ${warning} ${warning === 1 ? "warning" : "warnings"}, ${failed} failed, ${unknown} not checked.`;
}

/** Exit code of the command: 1 if a client will fail, 0 otherwise. */
export function toExitCode({ failed }: Totals): 0 | 1 {
  return failed > 0 ? 1 : 0;
}
