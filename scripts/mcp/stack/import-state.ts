import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Deployment } from "@pulumi/pulumi/automation/index.js";
import { runPulumi } from "./run-pulumi.ts";

/**
 * Replaces a stack's state. The file that the CLI reads lies in a folder that only this user can enter:
 * the Automation API's own import writes it where everybody on the machine can read it, and guess its name.
 * @throws UserError where another run holds the stack, or the backend does not take it.
 */
export async function importState(stack: string, state: Deployment): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "state-"));
  try {
    const file = join(folder, "state.json");
    await writeFile(file, JSON.stringify(state), { mode: 0o600, flag: "wx" });
    const args = ["stack", "import", "--stack", stack, "--file", file];
    await runPulumi(args, `Pulumi cannot write the state of "${stack}"`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
