import type { WorkerModule } from "../runtime/worker-spec.ts";
import type { Migrations } from "./migrations.ts";
import { Collection, type Store } from "./store.ts";

/** Anything that JSON can hold, as the API takes and gives it. */
export type JsonObject = { readonly [key: string]: unknown };

export interface Account {
  /** 32 hex digits. */
  readonly id: string;
  readonly name: string;
  /** Its name under workers.dev. */
  readonly subdomain: string | undefined;
  readonly createdOn: string;
}

/** An API token. Its value is kept as a hash only, as Cloudflare shows it once. */
export interface Token {
  readonly id: string;
  readonly name: string;
  /** SHA-256 of the value in hex. */
  readonly hash: string;
  /** Accounts it may be used on, or all. */
  readonly accounts: readonly string[] | "all";
  /** Names of permission groups, as "Workers Scripts Write", or all. */
  readonly permissions: readonly string[] | "all";
  readonly status: "active" | "disabled";
  readonly expiresOn: string | undefined;
  readonly issuedOn: string;
  readonly modifiedOn: string;
  /** As they were sent. */
  readonly policies: readonly JsonObject[];
}

/** A zone: a domain of the account. */
export interface Zone {
  readonly id: string;
  readonly account: string;
  readonly name: string;
  readonly createdOn: string;
}

export interface DnsRecord extends JsonObject {
  readonly id: string;
  readonly zone: string;
  readonly type: string;
  readonly name: string;
}

/** A KV namespace. Its values lie in the runtime's own store. */
export interface KvNamespace {
  readonly id: string;
  readonly account: string;
  readonly title: string;
}

/** A Durable Object class of a Worker. */
export interface ObjectClass {
  /** Names its stored objects; kept over a rename. */
  readonly namespaceId: string;
  readonly sqlite: boolean;
}

export interface Script {
  readonly account: string;
  readonly name: string;
  /** Its id, which stays when its name changes. */
  readonly tag: string;
  readonly createdOn: string;
  readonly modifiedOn: string;
  readonly migrationTag: string | undefined;
  readonly classes: Readonly<Record<string, ObjectClass>>;
  readonly schedules: readonly Schedule[];
  readonly subdomain: { readonly enabled: boolean; readonly previewsEnabled: boolean };
  readonly logpush: boolean;
  readonly tags: readonly string[];
  readonly tailConsumers: readonly JsonObject[] | null;
  /** As it was sent. */
  readonly observability: JsonObject | undefined;
  readonly lastDeployedFrom: string;
  /** Port of localhost at which it is served. */
  readonly port: number;
  readonly newestVersion: number;
}

export interface Schedule {
  readonly cron: string;
  readonly createdOn: string;
  readonly modifiedOn: string;
}

/** A module of a version. Its bytes lie in the store under their hash. */
export interface StoredModule {
  readonly name: string;
  readonly contentType: string;
  readonly type: WorkerModule["type"];
  readonly hash: string;
}

/** A binding as it was uploaded, secrets in clear. */
export interface Binding extends JsonObject {
  readonly type: string;
  readonly name: string;
}

/** One version of a Worker: code, bindings and settings that belong together. */
export interface Version {
  /** UUID. */
  readonly id: string;
  /** Tag of its Worker. */
  readonly script: string;
  readonly number: number;
  readonly createdOn: string;
  readonly source: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** The main one first. */
  readonly modules: readonly StoredModule[];
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  /** Sorted by name. */
  readonly bindings: readonly Binding[];
  /** As it was sent. */
  readonly limits: JsonObject | undefined;
  readonly placement: JsonObject;
  readonly usageModel: string;
  readonly migrations: Migrations | undefined;
  /** Whether they are still to be applied, when the version first serves. */
  readonly hasPendingMigrations: boolean;
  readonly handlers: readonly string[];
  readonly namedHandlers: readonly { readonly name: string; readonly handlers: string[] }[];
  readonly etag: string;
  readonly startupTimeMs: number;
}

export interface Deployment {
  /** UUID. */
  readonly id: string;
  readonly script: string;
  readonly createdOn: string;
  readonly source: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly versions: readonly { readonly version_id: string; readonly percentage: number }[];
}

export interface WorkerRoute {
  readonly id: string;
  readonly zone: string;
  readonly pattern: string;
  /** None: requests that match go to no Worker. */
  readonly script: string | undefined;
}

export interface CustomDomain {
  readonly id: string;
  readonly account: string;
  readonly certId: string;
  readonly zoneId: string;
  readonly zoneName: string;
  readonly hostname: string;
  readonly service: string;
  readonly environment: string;
}

/** A D1 database. Its rows lie in the runtime's own store. */
export interface Database {
  readonly uuid: string;
  readonly account: string;
  readonly name: string;
  readonly createdAt: string;
  readonly readReplication: JsonObject;
}

/** An R2 bucket. Its objects lie in the runtime's own store. */
export interface Bucket {
  readonly account: string;
  readonly name: string;
  readonly jurisdiction: string;
  readonly creationDate: string;
  readonly location: string | undefined;
  readonly storageClass: string;
}

/** Its name in the runtime: two accounts may have buckets of one name. */
export function toBucketId({ account, name }: Pick<Bucket, "account" | "name">): string {
  return `${account}-${name}`;
}

/** Stored as it was sent: Access applications and policies. */
export interface Document extends JsonObject {
  readonly id: string;
  /** Account or zone, as `accounts/<id>`. */
  readonly owner: string;
  /** Application of a policy that belongs to one. */
  readonly application: string | undefined;
  readonly body: JsonObject;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** Every collection over one store. */
export function createRecords(store: Store) {
  const of = <Value>(kind: string, toId: (value: Value) => string) =>
    new Collection<Value>(store, kind, toId);
  return {
    accounts: of<Account>("account", ({ id }) => id),
    tokens: of<Token>("token", ({ id }) => id),
    zones: of<Zone>("zone", ({ id }) => id),
    dnsRecords: of<DnsRecord>("dns-record", ({ id }) => id),
    namespaces: of<KvNamespace>("kv-namespace", ({ id }) => id),
    scripts: of<Script>("script", ({ tag }) => tag),
    versions: of<Version>("version", ({ id }) => id),
    deployments: of<Deployment>("deployment", ({ id }) => id),
    routes: of<WorkerRoute>("route", ({ id }) => id),
    domains: of<CustomDomain>("domain", ({ id }) => id),
    databases: of<Database>("database", ({ uuid }) => uuid),
    buckets: of<Bucket>("bucket", ({ account, name }) => `${account}/${name}`),
    accessApplications: of<Document>("access-application", ({ id }) => id),
    accessPolicies: of<Document>("access-policy", ({ id }) => id),
  };
}

export type Records = ReturnType<typeof createRecords>;
