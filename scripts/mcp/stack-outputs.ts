import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { tellError } from "../errors.ts";
import { NoSuchStack } from "./stack/no-such-stack.ts";
import { runPulumi } from "./stack/run-pulumi.ts";
import { findPulumi } from "./stack-outputs/find-pulumi.ts";
import { findStateFolder, readStateFile } from "./stack-outputs/state-file.ts";

/** A stack's outputs by name; secret ones are masked or encrypted. */
export type StackOutputs = Readonly<Record<string, unknown>>;

const checkout = resolve(import.meta.dirname, "../..");

/**
 * Reads a stack's outputs: with the Pulumi CLI, or where there is none yet, from the state file of a
 * file backend. The project is that of the working directory, else of this checkout.
 * @returns no outputs for a stack that was never deployed.
 * @throws UserError for a stack that is not there, or cannot be read.
 */
export async function readStackOutputs(stack: string): Promise<StackOutputs> {
  const project = existsSync("Pulumi.yaml") ? process.cwd() : checkout;
  const isInstalled = (await findPulumi(checkout)) !== undefined;
  const folder = isInstalled ? undefined : await findStateFolder(project);
  return folder === undefined ? askPulumi(stack, project) : readStateFile(folder, stack, project);
}

/** @throws UserError where the CLI refuses. */
async function askPulumi(stack: string, cwd: string): Promise<StackOutputs> {
  const args = ["stack", "output", "--json", "--stack", stack];
  try {
    const complaint = `--stack: Pulumi cannot read the stack "${stack}"`;
    return JSON.parse(await runPulumi(args, complaint, { cwd })) as StackOutputs;
  } catch (error) {
    if (tellError(error).includes("no stack named")) throw new NoSuchStack(stack);
    throw error;
  }
}
