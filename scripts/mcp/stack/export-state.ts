import type { Deployment } from "@pulumi/pulumi/automation/index.js";
import { runPulumi } from "./run-pulumi.ts";

/**
 * A stack's state, its secrets encrypted. The Automation API's own export asks for them in clear, and
 * would write them so into a file when they are imported again. The stack is not selected by it: the
 * person's own choice stays.
 * @throws UserError where it is not there, or the backend cannot be read.
 */
export function exportEncrypted(stack: string): Promise<Deployment> {
  return read(stack, []);
}

/**
 * The same with its secrets in clear, in memory alone: never write or print it.
 * @throws UserError as `exportEncrypted`, and where the secrets cannot be opened.
 */
export function exportInClear(stack: string): Promise<Deployment> {
  return read(stack, ["--show-secrets"]);
}

async function read(stack: string, options: readonly string[]): Promise<Deployment> {
  const args = ["stack", "export", "--stack", stack, ...options];
  return JSON.parse(await runPulumi(args, `Pulumi cannot read the stack "${stack}"`)) as Deployment;
}
