import { openProject } from "../stack/workspace.ts";

/**
 * The probe secret in a stack's settings, which the Pulumi CLI decrypts.
 * @returns undefined where there is none, or it cannot be read here (no passphrase, no CLI).
 */
export async function readProbeSecret(stack: string): Promise<string | undefined> {
  try {
    const workspace = await openProject(process.cwd());
    const { name } = await workspace.projectSettings();
    const { value } = await workspace.getConfig(stack, `${name}:probeSecret`);
    return value === "" ? undefined : value;
  } catch {
    return undefined;
  }
}
