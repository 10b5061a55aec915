import { createHash } from "node:crypto";
import * as z from "zod";
import { createLiveAccount } from "../../../infra/live-account.ts";
import { listClasses } from "../../../infra/object-classes.ts";
import { startMessage } from "../../../infra/version.ts";
import type { DeclaredStack } from "../stack/declared.ts";
import { collect, type Explorer, type Looked } from "../stack/explore.ts";
import { readModules } from "../stack/read-modules.ts";
import type { StackAccount } from "../stack/stack-account.ts";

/** Zones whose routes are looked through, at most. */
const mostZones = 50;

const settingsSchema = z.object({
  bindings: z.array(z.looseObject({ name: z.string(), type: z.string() })).default([]),
  compatibility_date: z.string().optional(),
  compatibility_flags: z.array(z.string()).default([]),
  observability: z
    .object({
      enabled: z.boolean(),
      head_sampling_rate: z.number().nullish(),
      logs: z.object({ invocation_logs: z.boolean().nullish() }).nullish(),
    })
    .nullish(),
  tail_consumers: z.array(z.object({ service: z.string() })).nullish(),
  logpush: z.boolean().optional(),
});
const applicationSchema = z.object({
  destinations: z.array(z.object({ uri: z.string().optional() })).nullish(),
  policies: z.array(z.object({ id: z.string().optional() })).nullish(),
});
const policySchema = z.object({
  decision: z.string().optional(),
  include: z.array(z.record(z.string(), z.unknown())).default([]),
});

/** A Worker as the account has it. */
export interface LiveWorker {
  readonly settings: z.infer<typeof settingsSchema>;
  /** SHA-256 of its main module, in hex. */
  readonly sha256: string;
  readonly migrationTag: string | undefined;
  /** Its Durable Object classes. */
  readonly classes: readonly string[];
  readonly subdomain: { readonly enabled: boolean; readonly previewsEnabled: boolean };
  readonly crons: readonly string[];
  /** The version that serves, where another than this stack made it. */
  readonly outsideVersion: string | undefined;
}

/** A route of a zone. */
export interface LiveRoute {
  readonly id: string;
  readonly pattern: string;
  readonly script: string | undefined;
}

/** What the account has of what a stack says, and what carries this project's naming. */
export interface Live {
  /** Undefined: the account has no Worker of this name. */
  readonly worker: LiveWorker | undefined;
  /** Names of all Workers of the account. */
  readonly workers: readonly string[];
  readonly domains: readonly { readonly hostname: string; readonly service: string }[];
  /** By the zone's id. */
  readonly routes: ReadonlyMap<string, Looked<readonly LiveRoute[]>>;
  /** Whether routes of zones that the stack does not use were looked for. */
  readonly otherZones: Looked<unknown>;
  readonly namespaces: Looked<readonly { readonly id: string; readonly title: string }[]>;
  readonly databases: Looked<readonly { readonly id: string; readonly name: string }[]>;
  readonly buckets: Looked<readonly string[]>;
  readonly access: Looked<LiveAccess>;
}

/** Access applications and policies of a stack; undefined for one that is gone. */
export interface LiveAccess {
  readonly applications: ReadonlyMap<string, z.infer<typeof applicationSchema> | undefined>;
  readonly policies: ReadonlyMap<string, z.infer<typeof policySchema> | undefined>;
}

/**
 * Looks at everything that a stack says it has.
 * @throws UserError where the token may not even see the Worker, or the API fails.
 */
export async function lookAtAccount(
  explorer: Explorer,
  account: StackAccount,
  stack: string,
  declared: DeclaredStack,
): Promise<Live> {
  const { accountId: account_id, ask, look } = explorer;
  const name = declared.worker?.scriptName;
  const scripts = await ask("scripts", (client) =>
    collect(client.workers.scripts.list({ account_id })),
  );
  const script = scripts.find(({ id }) => id !== undefined && id === name);
  const { routes, otherZones } = await lookAtRoutes(explorer, declared);
  const [worker, domains, namespaces, databases, buckets, access] = await Promise.all([
    name !== undefined && script !== undefined
      ? readWorker(explorer, account, stack, name, script.migration_tag || undefined)
      : undefined,
    ask("scripts", (client) => collect(client.workers.domains.list({ account_id }))),
    look("kv", (client) => collect(client.kv.namespaces.list({ account_id, per_page: 100 }))),
    look("d1", (client) => collect(client.d1.database.list({ account_id, per_page: 100 }))),
    look("r2", async (client) => listBuckets(client, account_id)),
    lookAtAccess(explorer, declared),
  ]);
  return {
    worker,
    workers: scripts.flatMap(({ id }) => id ?? []),
    domains: domains.map(({ hostname, service }) => ({ hostname, service })),
    routes,
    otherZones,
    namespaces: map(namespaces, (all) => all.map(({ id, title }) => ({ id, title }))),
    databases: map(databases, (all) =>
      all.map(({ uuid = "", name: title = "" }) => ({ id: uuid, name: title })),
    ),
    buckets,
    access,
  };
}

async function readWorker(
  { ask, accountId: account_id }: Explorer,
  account: StackAccount,
  stack: string,
  name: string,
  migrationTag: string | undefined,
): Promise<LiveWorker> {
  const [settings, sha256, classes, subdomain, crons, outsideVersion] = await Promise.all([
    ask("scripts", (client) =>
      client.workers.scripts.scriptAndVersionSettings.get(name, { account_id }),
    ),
    ask("scripts", async (client) =>
      hashMainModule(await client.workers.scripts.content.get(name, { account_id })),
    ),
    ask("scripts", async (client) =>
      (await listClasses(client, account_id, name)).map((each) => each.name),
    ),
    ask("scripts", (client) => client.workers.scripts.subdomain.get(name, { account_id })),
    ask("scripts", (client) => client.workers.scripts.schedules.get(name, { account_id })),
    // The same look as the program's own before an `up`.
    ask("scripts", () => createLiveAccount(account).findOutsideVersion(name, startMessage(stack))),
  ]);
  return {
    settings: settingsSchema.parse(settings),
    sha256,
    migrationTag,
    classes,
    subdomain: { enabled: subdomain.enabled, previewsEnabled: subdomain.previews_enabled },
    crons: crons.schedules.map(({ cron }) => cron),
    outsideVersion,
  };
}

async function hashMainModule(response: Response): Promise<string> {
  const [main] = await readModules(response);
  return createHash("sha256")
    .update(main?.code ?? "")
    .digest("hex");
}

type Client = Parameters<Parameters<Explorer["ask"]>[1]>[0];

async function listBuckets(client: Client, account_id: string): Promise<string[]> {
  const names: string[] = [];
  for (;;) {
    const start_after = names.at(-1);
    const { buckets = [] } = await client.r2.buckets.list({
      account_id,
      per_page: 1000,
      ...(start_after !== undefined && { start_after }),
    });
    names.push(...buckets.flatMap(({ name }) => name ?? []));
    if (buckets.length < 1000) return names;
  }
}

/** Routes lie in zones: those of the stack's own, and those of any other that the token may see. */
async function lookAtRoutes({ accountId, look }: Explorer, { zoneIds }: DeclaredStack) {
  const zones = await look("zone", async (client) => {
    const all = await collect(client.zones.list({ account: { id: accountId }, per_page: 50 }));
    return all.map(({ id }) => id);
  });
  const others = "found" in zones ? zones.found.filter((id) => !zoneIds.includes(id)) : [];
  const looked = others.slice(0, mostZones);
  const routes = new Map<string, Looked<readonly LiveRoute[]>>();
  for (const zone_id of [...zoneIds, ...looked]) {
    const found = await look("routes", (client) =>
      collect(client.workers.routes.list({ zone_id })),
    );
    routes.set(
      zone_id,
      map(found, (all) =>
        all.map(({ id, pattern, script }) => ({ id, pattern, script: script || undefined })),
      ),
    );
  }
  const otherZones: Looked<unknown> =
    others.length > looked.length
      ? { notChecked: `The account has ${others.length} more zones, more than are looked through.` }
      : zones;
  return { routes, otherZones };
}

async function lookAtAccess(
  { accountId: account_id, look, find }: Explorer,
  { applications, policies }: DeclaredStack,
): Promise<Looked<LiveAccess>> {
  const found: LiveAccess = { applications: new Map(), policies: new Map() };
  if (applications.length === 0 && policies.length === 0) return { found };
  const may = await look("access", (client) =>
    client.zeroTrust.access.applications.list({ account_id, per_page: 1 }),
  );
  if ("notChecked" in may) return may;
  const read = async <Shape>(
    ids: readonly string[],
    schema: z.ZodType<Shape>,
    ask: (client: Client, id: string) => Promise<unknown>,
  ) => {
    const pairs = ids.map(async (id): Promise<[string, Shape | undefined]> => {
      const answer = await find("access", (client) => ask(client, id));
      return [id, answer === undefined ? undefined : schema.parse(answer)];
    });
    return new Map(await Promise.all(pairs));
  };
  const toIds = (all: readonly { readonly id: string }[]) => all.map(({ id }) => id);
  return {
    found: {
      applications: await read(toIds(applications), applicationSchema, (client, id) =>
        client.zeroTrust.access.applications.get(id, { account_id }),
      ),
      policies: await read(toIds(policies), policySchema, (client, id) =>
        client.zeroTrust.access.policies.get(id, { account_id }),
      ),
    },
  };
}

function map<From, To>(looked: Looked<From>, change: (found: From) => To): Looked<To> {
  return "found" in looked ? { found: change(looked.found) } : looked;
}
