import type { Line } from "../check.ts";

/** All that a run found. */
export interface Report {
  readonly origin: string;
  /** Paths of the endpoints that were looked at. */
  readonly endpoints: readonly string[];
  /** When it began, as ISO 8601 in UTC. */
  readonly started: string;
  readonly lines: readonly Line[];
  /** What could not be cleaned up, in sentences. */
  readonly leftOver: readonly string[];
}

/** Where the runbook helps with a line, from the root of the checkout. */
export function toRunbookLink({ check }: Pick<Line, "check">): string {
  return `docs/runbook.md#${check.runbook}`;
}
