import type { DeployedBinding } from "./deployed-worker.ts";

/** What the program asks of the Cloudflare account before it declares anything. */
export interface Account {
  /** The address at which the local cloud serves the Worker of this name; undefined at Cloudflare. */
  findLocalOrigin(scriptName: string): Promise<string | undefined>;
  /** The account's workers.dev subdomain, or undefined if none was chosen yet. */
  findWorkersDevSubdomain(): Promise<string | undefined>;
  /** The deployed Worker of this name, or undefined if there is none. */
  findWorker(scriptName: string): Promise<DeployedWorker | undefined>;
  /**
   * Id of the version of this Worker that serves, if another program or person made it after the
   * last one whose message starts with `ownMessage`; undefined if none did, or nobody can tell.
   */
  findOutsideVersion(scriptName: string, ownMessage: string): Promise<string | undefined>;
  /** How many Workers the account has. */
  countWorkers(): Promise<number>;
  /** How many KV namespaces the account has. */
  countNamespaces(): Promise<number>;
  /**
   * Ids of the KV namespaces that the deployed Worker of this name is bound to; undefined if there
   * is no such Worker.
   */
  findBoundNamespaces(scriptName: string): Promise<readonly string[] | undefined>;
  /** The bindings of the deployed Worker of this name as the API gives them: none without a Worker. */
  findBindings(scriptName: string): Promise<readonly DeployedBinding[]>;
  /** The KV namespace of this title, or undefined if there is none. */
  findNamespace(title: string): Promise<KvNamespace | undefined>;
  /** The KV namespace of this id, or undefined if there is none. */
  readNamespace(id: string): Promise<KvNamespace | undefined>;
  /** Deletes a KV namespace. Cloudflare refuses if a Worker uses it (10052). */
  deleteNamespace(id: string): Promise<void>;
  /** Id of a zone by its name, or undefined if the account has none of this name. */
  findZoneId(zone: string): Promise<string | undefined>;
  /** What answers at a host name now: a Worker's custom domain, DNS records, or nothing. */
  findHolder(hostname: string, zoneId: string): Promise<DomainHolder>;
  /**
   * Runs SQL in a D1 database of the stack's own: several statements are one transaction.
   * @returns the rows of the last one.
   */
  queryDatabase(id: string, sql: string): Promise<readonly unknown[]>;
}

export interface DeployedWorker {
  /** Durable Object tag of the last step that was applied. */
  readonly migrationTag: string | undefined;
  /** Its Durable Object classes. */
  readonly classes: readonly string[];
}

export interface KvNamespace {
  readonly id: string;
  readonly title: string;
  readonly isEmpty: boolean;
}

/** Who holds a host name. */
export interface DomainHolder {
  /** The Worker whose custom domain it is. */
  readonly worker?: string;
  /** DNS records made by somebody, each as `A 192.0.2.1`. */
  readonly records: readonly string[];
}

export interface AccountParts {
  readonly accountId: string;
  /** Default: the variable CLOUDFLARE_API_TOKEN. */
  readonly apiToken: string | undefined;
  /** Base URL of the API. Default: the variable CLOUDFLARE_BASE_URL, else Cloudflare's own. */
  readonly baseUrl?: string | undefined;
}

/** An account with nothing in it. The dev server uses it: no API call is made. */
export function createEmptyAccount(): Account {
  return {
    findLocalOrigin: async () => undefined,
    findWorkersDevSubdomain: async () => undefined,
    findWorker: async () => undefined,
    findOutsideVersion: async () => undefined,
    countWorkers: async () => 0,
    countNamespaces: async () => 0,
    findBoundNamespaces: async () => undefined,
    findBindings: async () => [],
    findNamespace: async () => undefined,
    readNamespace: async () => undefined,
    deleteNamespace: async () => undefined,
    findZoneId: async () => undefined,
    findHolder: async () => ({ records: [] }),
    queryDatabase: async () => [],
  };
}
