import type { DeployedStack } from "../admin/deployed-stack.ts";
import type { Check } from "./check.ts";
import { createExamination, type Examination, type ExaminationParts } from "./examination.ts";
import { publicChecks } from "./public/index.ts";
import type { Report } from "./report.ts";
import { type CheckOptions, runChecks } from "./run-checks.ts";
import { signedInChecks } from "./signed-in/index.ts";
import type { StackAccess } from "./stack-access.ts";

/** Every line of a report, in order: what anybody sees, then what somebody who signs in sees. */
const checks: readonly Check[] = [...publicChecks, ...signedInChecks];

export interface ServerToExamine extends ExaminationParts {
  /** The stack it belongs to, whose token may remove the client that was registered. */
  readonly stack?: DeployedStack | StackAccess | undefined;
}

/** The server, before it is asked anything. */
export interface Opening extends Pick<Report, "origin" | "endpoints"> {}

/**
 * Runs every check of doctor against a server.
 * @param onOpen is told what will be looked at, before the first line.
 */
export async function examineServer(
  { stack, ...parts }: ServerToExamine,
  options: CheckOptions & { readonly onOpen?: (opening: Opening) => void } = {},
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

/** The record of doctor's client goes at the end, with the account's token of its stack. */
function removeClientAtEnd(
  stack: DeployedStack | StackAccess,
  { leave, learned }: Examination,
): void {
  leave.push(async () => {
    if (learned.client === undefined) return;
    // Loaded here: a server that is no stack's needs neither Pulumi nor Cloudflare's API.
    const { removeClient } = await import("./stack-access.ts");
    const found = "readStack" in stack ? await stack.readStack() : stack;
    await removeClient(found, learned.client.clientId);
  });
}
