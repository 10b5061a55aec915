import type { DeployedStack } from "../admin/stack.ts";
import { checks } from "./checks.ts";
import { createExamination, type ExaminationParts } from "./examine.ts";
import { removeClientAtEnd } from "./remove-client-at-end.ts";
import type { Report } from "./report/report.ts";
import { type RunOptions, runChecks } from "./run.ts";

/** A server that is examined. */
export interface ServerToExamine extends ExaminationParts {
  /** The stack it belongs to, whose token may remove the client that was registered. */
  readonly stack?: string | DeployedStack | undefined;
}

/** What is to be examined, before anything is asked. */
export interface Opening extends Pick<Report, "origin" | "endpoints"> {}

/**
 * Runs every check of doctor against a server.
 * @param onOpen is told what will be looked at, before the first line.
 */
export async function examineServer(
  { stack, ...parts }: ServerToExamine,
  options: RunOptions & { readonly onOpen?: (opening: Opening) => void } = {},
): Promise<Report> {
  const started = new Date().toISOString();
  const examination = createExamination(parts);
  const opening = {
    origin: examination.origin,
    endpoints: Object.values(examination.endpoints),
  };
  if (stack !== undefined) removeClientAtEnd(stack, examination);
  options.onOpen?.(opening);
  return { ...opening, started, ...(await runChecks(checks, examination, options)) };
}
