import * as z from "zod";
import { referenceType, resourceType } from "../../../infra/resource-types.ts";
import { explainUnseen, Properties } from "./properties.ts";
import type { StateResource } from "./state.ts";

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

/** A binding as a stack's state holds it, its own secret values marked. */
export type DeclaredBinding = z.infer<typeof bindingSchema>;

/** Properties that are read of a resource, each with its form. */
type Shape = Readonly<Record<string, z.ZodType>>;

/** A resource with its id and what its stack says of it. Undefined: the state does not show it. */
type Read<Form extends Shape> = {
  readonly [Name in keyof Form]: z.infer<Form[Name]> | undefined;
} & { readonly id: string };

const shapes = {
  worker: {
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
      .default({ enabled: false }),
    tailConsumers: z.array(z.object({ service: z.string() })).default([]),
    logpush: z.boolean().default(false),
  },
  namespace: { title: z.string() },
  subdomain: { enabled: z.boolean(), previewsEnabled: z.boolean().default(false) },
  cron: { schedules: z.array(z.object({ cron: z.string() })) },
  domain: { hostname: z.string(), service: z.string() },
  route: { zoneId: z.string(), pattern: z.string(), script: z.string().optional() },
  database: { name: z.string() },
  bucket: { name: z.string() },
  application: {
    name: z.string().optional(),
    destinations: z.array(z.object({ uri: z.string().optional() })).default([]),
    policies: z.array(z.object({ id: z.string() })).default([]),
  },
  policy: {
    name: z.string(),
    decision: z.string(),
    includes: z.array(z.record(z.string(), z.unknown())).default([]),
  },
} as const satisfies Partial<Record<Kind, Shape>>;

export type Declared<Name extends keyof typeof shapes> = Read<(typeof shapes)[Name]>;

/** Parts that the state of a stack does not show, and why. */
export interface NotShown {
  readonly what: string;
  readonly reason: string;
}

/** The resources that a stack's state says the account has. */
export interface DeclaredStack {
  /** Undefined if the stack has none so far. */
  readonly worker: (Declared<"worker"> & { readonly scriptName: string }) | undefined;
  /** Whether an `up` has begun; not so if `adopt` took a Worker over, and no `up` has come since. */
  readonly isDeployed: boolean;
  /** Name that the stack chose for its Worker, also if it is not deployed yet. */
  readonly scriptName: string | undefined;
  /** Durable Object tag of the last upload. */
  readonly migrationTag: string | undefined;
  /** Undefined if the state does not show the schedules, as that of a stack that has only adopted. */
  readonly crons: readonly string[] | undefined;
  readonly namespaces: readonly Declared<"namespace">[];
  readonly subdomain: Declared<"subdomain"> | undefined;
  readonly domains: readonly Declared<"domain">[];
  readonly routes: readonly Declared<"route">[];
  readonly databases: readonly Declared<"database">[];
  readonly buckets: readonly (Declared<"bucket"> & { readonly name: string })[];
  readonly applications: readonly Declared<"application">[];
  readonly policies: readonly Declared<"policy">[];
  /** Zones in which the stack has an address. */
  readonly zoneIds: readonly string[];
  readonly notShown: readonly NotShown[];
}

/**
 * Reads what a stack says out of its state, whatever is in it: what the state does not show is named in
 * `notShown`. The bindings are shown if the state was read with its secrets opened.
 */
export function readDeclared(resources: readonly StateResource[]): DeclaredStack {
  const notShown: NotShown[] = [];
  const list = (kind: Kind) => resources.filter(({ type }) => type === resourceType[kind]);
  const read = <Name extends keyof typeof shapes>(kind: Name): Declared<Name>[] =>
    list(kind).map((resource) => {
      const inputs = new Properties(resource.inputs);
      const values = Object.entries<z.ZodType>(shapes[kind]).map(([name, schema]) => {
        const seen = inputs.read(name, schema);
        if ("value" in seen) return [name, seen.value];
        notShown.push({
          what: `${name} of ${toResourceName(resource)} in the stack's state`,
          reason: explainUnseen(seen.unseen),
        });
        return [name, undefined];
      });
      return { ...Object.fromEntries(values), id: resource.id ?? "" } as Declared<Name>;
    });
  const [script] = list("worker");
  const [worker] = read("worker");
  const routes = read("route");
  const crons = read("cron").map(({ schedules }) => schedules);
  // The program's notes and keys come before anything that changes the account.
  const isDeployed = resources.some(({ type }) => notes.includes(type));
  const zones = list("domain").map(
    ({ inputs, outputs }) =>
      new Properties(inputs).find("zoneId", z.string()) ??
      new Properties(outputs).find("zoneId", z.string()),
  );
  return {
    // The id of a Worker is its name, and that of a bucket too.
    worker: worker && { ...worker, scriptName: worker.scriptName ?? worker.id },
    isDeployed,
    scriptName: new Properties(resources.find(isIdentity)?.inputs).find("input", identity)
      ?.scriptName,
    migrationTag: new Properties(script?.outputs).find("migrationTag", z.string()),
    crons:
      !isDeployed || crons.includes(undefined)
        ? undefined
        : crons.flatMap((all) => (all ?? []).map(({ cron }) => cron)),
    namespaces: read("namespace"),
    subdomain: read("subdomain")[0],
    domains: read("domain"),
    routes,
    databases: read("database"),
    buckets: read("bucket").map((bucket) => ({ ...bucket, name: bucket.name ?? bucket.id })),
    applications: read("application"),
    policies: read("policy"),
    zoneIds: [
      ...new Set(
        [...routes.map(({ zoneId }) => zoneId), ...zones].filter((id) => id !== undefined),
      ),
    ],
    notShown,
  };
}

/** Types that a stack does not have if it has only adopted. */
const notes: readonly string[] = [resourceType.stash, referenceType];

const identity = z.object({ scriptName: z.string().optional() });

function isIdentity({ type, urn }: StateResource): boolean {
  return type === resourceType.stash && urn.endsWith("::identity");
}
