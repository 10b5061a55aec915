import * as z from "zod";
import type { StateResource } from "./state.ts";

/** Types of the resources of which a stack consists at Cloudflare. */
export const resourceType = {
  worker: "cloudflare:index/workersScript:WorkersScript",
  namespace: "cloudflare:index/workersKvNamespace:WorkersKvNamespace",
  subdomain: "cloudflare:index/workersScriptSubdomain:WorkersScriptSubdomain",
  cron: "cloudflare:index/workersCronTrigger:WorkersCronTrigger",
  domain: "cloudflare:index/workersCustomDomain:WorkersCustomDomain",
  route: "cloudflare:index/workersRoute:WorkersRoute",
  database: "cloudflare:index/d1Database:D1Database",
  bucket: "cloudflare:index/r2Bucket:R2Bucket",
  application: "cloudflare:index/zeroTrustAccessApplication:ZeroTrustAccessApplication",
  policy: "cloudflare:index/zeroTrustAccessPolicy:ZeroTrustAccessPolicy",
  stash: "pulumi:index:Stash",
} as const;

/** Kind of such a resource. */
export type Kind = keyof typeof resourceType;

/** Name of a resource in the program, which its URN ends with. */
export function toResourceName({ urn }: Pick<StateResource, "urn">): string {
  return urn.split("::").at(-1) ?? urn;
}

/** Whether a resource of this type is something at Cloudflare, and not the program's own note. */
export function isDeclaredType(type: string): boolean {
  return type !== resourceType.stash && Object.values<string>(resourceType).includes(type);
}

const bindingSchema = z.looseObject({ name: z.string(), type: z.string() });

/** A binding as a stack's state holds it, its secret values encrypted. */
export type DeclaredBinding = z.infer<typeof bindingSchema>;

const workerSchema = z.object({
  scriptName: z.string(),
  contentSha256: z.string().optional(),
  compatibilityDate: z.string().optional(),
  compatibilityFlags: z.array(z.string()).default([]),
  bindings: z.array(bindingSchema).default([]),
  observability: z
    .object({
      enabled: z.boolean(),
      headSamplingRate: z.number().optional(),
      logs: z.object({ invocationLogs: z.boolean().optional() }).nullish(),
    })
    .optional(),
  tailConsumers: z.array(z.object({ service: z.string() })).nullish(),
  logpush: z.boolean().optional(),
});
const identity = z
  .object({ input: z.object({ scriptName: z.string().optional() }) })
  .catch({ input: {} });
const schedules = z.object({ schedules: z.array(z.object({ cron: z.string() })) });
const schemas = {
  namespace: z.object({ title: z.string() }),
  subdomain: z.object({ enabled: z.boolean(), previewsEnabled: z.boolean().default(false) }),
  domain: z.object({ hostname: z.string(), service: z.string() }),
  route: z.object({ zoneId: z.string(), pattern: z.string(), script: z.string().optional() }),
  database: z.object({ name: z.string() }),
  bucket: z.object({ name: z.string() }),
  application: z.object({
    name: z.string().optional(),
    destinations: z.array(z.object({ uri: z.string().optional() })).default([]),
    policies: z.array(z.object({ id: z.string() })).default([]),
  }),
  policy: z.object({
    name: z.string(),
    decision: z.string(),
    includes: z.array(z.record(z.string(), z.unknown())).default([]),
  }),
};

/** A resource with its id and what its stack says of it. */
export type Declared<Name extends keyof typeof schemas> = z.infer<(typeof schemas)[Name]> & {
  readonly id: string;
};

/** What a stack's state says that the account has. */
export interface DeclaredStack {
  /** Undefined where no `up` has come so far. */
  readonly worker: z.infer<typeof workerSchema> | undefined;
  /** Name that the stack chose for its Worker, also where it is not deployed yet. */
  readonly scriptName: string | undefined;
  /** Durable Object tag of the last upload. */
  readonly migrationTag: string | undefined;
  readonly crons: readonly string[];
  readonly namespaces: readonly Declared<"namespace">[];
  readonly subdomain: Declared<"subdomain"> | undefined;
  readonly domains: readonly Declared<"domain">[];
  readonly routes: readonly Declared<"route">[];
  readonly databases: readonly Declared<"database">[];
  readonly buckets: readonly Declared<"bucket">[];
  readonly applications: readonly Declared<"application">[];
  readonly policies: readonly Declared<"policy">[];
  /** Zones in which the stack has an address. */
  readonly zoneIds: readonly string[];
}

/** Reads what a stack says out of its state. */
export function readDeclared(resources: readonly StateResource[]): DeclaredStack {
  const list = (kind: Kind) => resources.filter(({ type }) => type === resourceType[kind]);
  const read = <Shape extends object>(kind: Kind, schema: z.ZodType<Shape>) =>
    list(kind).map(({ id = "", inputs }) => ({ ...schema.parse(inputs), id }));
  const [script] = list("worker");
  const domains = read("domain", schemas.domain);
  const zones = list("domain").map(({ inputs, outputs }) => inputs?.zoneId ?? outputs?.zoneId);
  const routes = read("route", schemas.route);
  return {
    worker: script && workerSchema.parse(script.inputs),
    scriptName: identity.parse(resources.find(isIdentity)?.inputs).input.scriptName,
    migrationTag: z.string().optional().catch(undefined).parse(script?.outputs?.migrationTag),
    crons: list("cron").flatMap(({ inputs }) =>
      schedules.parse(inputs).schedules.map(({ cron }) => cron),
    ),
    namespaces: read("namespace", schemas.namespace),
    subdomain: read("subdomain", schemas.subdomain)[0],
    domains,
    routes,
    databases: read("database", schemas.database),
    buckets: read("bucket", schemas.bucket),
    applications: read("application", schemas.application),
    policies: read("policy", schemas.policy),
    zoneIds: [
      ...new Set([
        ...routes.map(({ zoneId }) => zoneId),
        ...zones.filter((zone) => typeof zone === "string"),
      ]),
    ],
  };
}

function isIdentity({ type, urn }: StateResource): boolean {
  return type === resourceType.stash && urn.endsWith("::identity");
}

/** How Pulumi marks an encrypted value in state. */
const secretMark = "4dabf18193072939515e22adb298388d";

/** Whether a value of the state is encrypted. */
export function isSecretValue(value: unknown): boolean {
  return typeof value === "object" && value !== null && secretMark in value;
}
