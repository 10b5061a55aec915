import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { UserError } from "../errors.ts";
import { NoSuchStack } from "./stack/no-such-stack.ts";
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
  const installed = await findPulumi(checkout);
  if (installed !== undefined) return askPulumi([installed], stack, project);
  const folder = await findStateFolder(project);
  if (folder !== undefined) return readStateFile(folder, stack, project);
  // As `npx pulumi`: npm's package fetches the CLI when it is first needed.
  const wrapper = join(checkout, "node_modules/pulumi/run.js");
  return askPulumi([process.execPath, wrapper], stack, project);
}

/** @throws UserError where the CLI refuses. */
async function askPulumi(
  [program = "", ...before]: readonly string[],
  stack: string,
  cwd: string,
): Promise<StackOutputs> {
  const args = [...before, "stack", "output", "--json", "--stack", stack, "--non-interactive"];
  try {
    const { stdout } = await promisify(execFile)(program, args, {
      cwd,
      env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    });
    return JSON.parse(stdout) as StackOutputs;
  } catch (error) {
    const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
    if (said.includes("no stack named")) throw new NoSuchStack(stack);
    throw new UserError(`--stack: Pulumi cannot read the stack "${stack}":\n${said || error}`);
  }
}
