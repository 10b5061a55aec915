import { changeKv } from "../admin/change-kv.ts";
import { type DeployedStack, readStack } from "../admin/deployed-stack.ts";
import { openServer, toClientKey } from "../admin/open-server.ts";
import { openProject } from "../stack/workspace.ts";

/**
 * Removes the record of the client that doctor registered at a stack, with the account's token, as
 * `admin revoke --client` does.
 * @throws UserError if the stack cannot be read, or the token may not do this.
 */
export async function removeClient(stack: string | DeployedStack, clientId: string): Promise<void> {
  const found = typeof stack === "string" ? await readStack(stack) : stack;
  const server = await openServer(found, () => undefined);
  const { keys } = await server.kv.list({ prefix: toClientKey(clientId) });
  // A foreign server behind the stack's address has given the id: never another record than its own.
  if (!keys.some(({ name }) => name === toClientKey(clientId))) return;
  await server.oauth.deleteClient(clientId);
  await changeKv(server.account, { ended: [], deleted: server.kv.deleted });
}

/**
 * The probe secret in a stack's settings, which the Pulumi CLI decrypts.
 * @returns undefined if there is none, or it cannot be read here (no passphrase, no CLI).
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
