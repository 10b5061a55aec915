import type { ConfigMap } from "@pulumi/pulumi/automation/index.js";
import { changeKv } from "../admin/change-kv.ts";
import { type DeployedStack, readStack } from "../admin/deployed-stack.ts";
import { openServer, toClientKey } from "../admin/open-server.ts";
import { readConfig, readProjectName } from "../stack/backend.ts";
import { Remembered } from "../stack/remembered.ts";

/**
 * Removes the record of the client that doctor registered at a stack, with the account's token, as
 * `admin revoke --client` does.
 * @throws UserError if the stack cannot be read, or the token may not do this.
 */
export async function removeClient(stack: string | DeployedStack, clientId: string): Promise<void> {
  const found = typeof stack === "string" ? await readStack(stack, readOnce) : stack;
  const server = await openServer(found, () => undefined);
  const { keys } = await server.kv.list({ prefix: toClientKey(clientId) });
  // A foreign server behind the stack's address has given the id: never another record than its own.
  if (!keys.some(({ name }) => name === toClientKey(clientId))) return;
  await server.oauth.deleteClient(clientId);
  await changeKv(server.account, { ended: [], deleted: server.kv.deleted });
}

/** Settings of stacks by project and name: doctor wants those of its stack at the beginning and at the end. */
const settings = new Map<string, Remembered<ConfigMap>>();

function readOnce(stack: string, project = process.cwd()): Promise<ConfigMap> {
  const key = `${project} ${stack}`;
  const known = settings.get(key) ?? new Remembered(() => readConfig(stack, project));
  settings.set(key, known);
  return known.read();
}

/**
 * The probe secret in a stack's settings, which the Pulumi CLI decrypts.
 * @returns undefined if there is none, or it cannot be read here (no passphrase, no CLI).
 */
export async function readProbeSecret(stack: string): Promise<string | undefined> {
  try {
    const project = process.cwd();
    const name = await readProjectName(project);
    const value = (await readOnce(stack, project))[`${name}:probeSecret`]?.value;
    return value === "" ? undefined : value;
  } catch {
    return undefined;
  }
}
