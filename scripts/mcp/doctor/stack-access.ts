import type { ConfigMap } from "@pulumi/pulumi/automation/index.js";
import { changeKv } from "../admin/change-kv.ts";
import { type DeployedStack, readStack } from "../admin/deployed-stack.ts";
import { openServer, toClientKey } from "../admin/open-server.ts";
import { readConfig, readProjectName } from "../stack/backend.ts";
import { Remembered } from "../stack/remembered.ts";

/** What doctor gets from the stack whose server it looks at, by the Pulumi CLI. */
export class StackAccess {
  readonly #stack: string;
  /** Its settings by project: they are wanted at the beginning and at the end. */
  readonly #settings = new Map<string, Remembered<ConfigMap>>();

  constructor(stack: string) {
    this.#stack = stack;
  }

  /**
   * The probe secret in the stack's settings, which the Pulumi CLI decrypts.
   * @returns undefined if there is none, or it cannot be read here (no passphrase, no CLI).
   */
  async readProbeSecret(): Promise<string | undefined> {
    try {
      const project = process.cwd();
      const name = await readProjectName(project);
      const value = (await this.#readSettings(project))[`${name}:probeSecret`]?.value;
      return value === "" ? undefined : value;
    } catch {
      return undefined;
    }
  }

  /** The stack with its account. @throws UserError as `readStack` of `admin`. */
  readStack(): Promise<DeployedStack> {
    return readStack(this.#stack, (_, project = process.cwd()) => this.#readSettings(project));
  }

  #readSettings(project: string): Promise<ConfigMap> {
    const known =
      this.#settings.get(project) ?? new Remembered(() => readConfig(this.#stack, project));
    this.#settings.set(project, known);
    return known.read();
  }
}

/**
 * Removes the record of the client that doctor registered at a stack, with the account's token, as
 * `admin revoke --client` does.
 * @throws UserError if the token may not do this.
 */
export async function removeClient(stack: DeployedStack, clientId: string): Promise<void> {
  const server = await openServer(stack, () => undefined);
  const { keys } = await server.kv.list({ prefix: toClientKey(clientId) });
  // A foreign server behind the stack's address has given the id: never another record than its own.
  if (!keys.some(({ name }) => name === toClientKey(clientId))) return;
  await server.oauth.deleteClient(clientId);
  await changeKv(server.account, { ended: [], deleted: server.kv.deleted });
}
