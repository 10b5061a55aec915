import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Deployment } from "@pulumi/pulumi/automation/index.js";
import { projectRoot } from "../../../infra/bundle.ts";
import { UserError } from "../../errors.ts";

/** Bytes of a state at most: that of this project has about 30,000. */
const mostBytes = 256 * 1024 * 1024;

/**
 * A stack's state, its secrets encrypted. The Automation API's own export asks for them in clear, and
 * would write them so into a file when they are imported again. The stack is not selected by it: the
 * person's own choice stays.
 * @throws UserError where it is not there, or the backend cannot be read.
 */
export async function exportEncrypted(stack: string): Promise<Deployment> {
  try {
    const args = ["stack", "export", "--stack", stack, "--non-interactive"];
    const options = { cwd: projectRoot, maxBuffer: mostBytes };
    const { stdout } = await promisify(execFile)("pulumi", args, options);
    return JSON.parse(stdout) as Deployment;
  } catch (error) {
    if (!(error instanceof Error && "stderr" in error)) throw error;
    throw new UserError(`Pulumi cannot read the stack "${stack}":\n${String(error.stderr).trim()}`);
  }
}
