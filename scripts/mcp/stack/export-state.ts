import type { Deployment } from "@pulumi/pulumi/automation/index.js";
import { runPulumi } from "./run-pulumi.ts";

/**
 * A stack's state, its secrets encrypted. The Automation API's own export asks for them in clear, and
 * would write them so into a file when they are imported again. The stack is not selected by it: the
 * person's own choice stays.
 * @throws UserError where it is not there, or the backend cannot be read.
 */
export async function exportEncrypted(stack: string): Promise<Deployment> {
  const args = ["stack", "export", "--stack", stack];
  return JSON.parse(await runPulumi(args, `Pulumi cannot read the stack "${stack}"`)) as Deployment;
}
