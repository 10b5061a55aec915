import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Deployment } from "@pulumi/pulumi/automation/index.js";
import * as z from "zod";
import { UserError } from "../../errors.ts";
import { providePulumi, runPulumi } from "./cli.ts";

/** A resource in a stack's state, as far as the commands read it. Secrets are in it encrypted. */
const stateResource = z.object({
  urn: z.string(),
  type: z.string(),
  id: z.string().optional(),
  protect: z.boolean().optional(),
  retainOnDelete: z.boolean().optional(),
  inputs: z.record(z.string(), z.unknown()).optional(),
  outputs: z.record(z.string(), z.unknown()).optional(),
});
const state = z.object({ resources: z.array(stateResource).nullish() });

/** The same with everything else that is in it. */
export const looseState = z.looseObject({
  resources: z.array(z.looseObject({ ...stateResource.shape })).nullish(),
});

export type StateResource = z.infer<typeof stateResource>;

/**
 * What a stack's state holds, without opening it: the person's own choice of a stack stays.
 * @param opensSecrets whether secrets in it come in clear, which needs the stack's passphrase or key.
 * Never write or print such a one.
 * @throws UserError if it is not there, or the backend or the state cannot be read.
 */
export async function readResources(
  name: string,
  opensSecrets = false,
): Promise<readonly StateResource[]> {
  await providePulumi();
  const { deployment } = await (opensSecrets ? exportInClear(name) : exportEncrypted(name));
  const { data } = state.safeParse(deployment);
  if (data !== undefined) return data.resources ?? [];
  throw new UserError(
    `--stack: the state of "${name}" has a form that this command does not know. \`npx pulumi stack export -s ${name}\` shows it.`,
  );
}

/**
 * A stack's state, its secrets encrypted. The Automation API's own export asks for them in clear, and
 * would write them so into a file when they are imported again. The stack is not selected by it: the
 * person's own choice stays.
 * @throws UserError if it is not there, or the backend cannot be read.
 */
export function exportEncrypted(stack: string): Promise<Deployment> {
  return read(stack, []);
}

/**
 * The same with its secrets in clear, in memory alone: never write or print it.
 * @throws UserError as `exportEncrypted`, and if the secrets cannot be opened.
 */
function exportInClear(stack: string): Promise<Deployment> {
  return read(stack, ["--show-secrets"]);
}

async function read(stack: string, options: readonly string[]): Promise<Deployment> {
  const args = ["stack", "export", "--stack", stack, ...options];
  return JSON.parse(await runPulumi(args, `Pulumi cannot read the stack "${stack}"`)) as Deployment;
}

/**
 * Replaces a stack's state. The file that the CLI reads lies in a folder that only this user can enter:
 * the Automation API's own import writes it where everybody on the machine can read it, and guess its name.
 * @throws UserError if another run holds the stack, or the backend does not take it.
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
