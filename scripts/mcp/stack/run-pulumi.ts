import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { projectRoot } from "../../../infra/bundle.ts";
import { UserError } from "../../errors.ts";

/** Bytes of an answer at most: a state of this project has about 30,000. */
const mostBytes = 256 * 1024 * 1024;

/**
 * Runs the Pulumi CLI for what the Automation API does not do, or does otherwise than is wanted here.
 * `providePulumi` comes before.
 * @param complaint begins what is told where the CLI refuses.
 * @returns what it printed.
 * @throws UserError with what the CLI said.
 */
export async function runPulumi(args: readonly string[], complaint: string): Promise<string> {
  try {
    const options = { cwd: projectRoot, maxBuffer: mostBytes };
    const { stdout } = await promisify(execFile)("pulumi", [...args, "--non-interactive"], options);
    return stdout;
  } catch (error) {
    if (!(error instanceof Error && "stderr" in error)) throw error;
    throw new UserError(`${complaint}:\n${String(error.stderr).trim()}`);
  }
}
