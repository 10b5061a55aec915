import * as z from "zod";
import {
  type DeployedSettings,
  hashMainModule,
  type ListedWorker,
  listClasses,
  listWorkers,
  readModules,
  readTriggers,
  readWorkerSettings,
} from "../../../infra/deployed-worker.ts";
import { createLiveAccount } from "../../../infra/live-account.ts";
import { startMessage } from "../../../infra/version.ts";
import type { DeclaredStack } from "../stack/declared.ts";
import { collect, type Explorer, type Looked } from "../stack/explore.ts";
import type { StackAccount } from "../stack/stack-account.ts";

/** Zones whose routes are looked through, at most. */
const mostZones = 50;

const applicationSchema = z.object({
  destinations: z.array(z.object({ uri: z.string().optional() })).nullish(),
  policies: z.array(z.object({ id: z.string().optional() })).nullish(),
});
const policySchema = z.object({
  decision: z.string().optional(),
  include: z.array(z.record(z.string(), z.unknown())).default([]),
});

export interface LiveWorker {
  readonly settings: DeployedSettings;
  /** SHA-256 of its main module, in hex. */
  readonly sha256: string;
  readonly migrationTag: string | undefined;
  /** Its Durable Object classes. */
  readonly classes: readonly string[];
  readonly subdomain: { readonly enabled: boolean; readonly previewsEnabled: boolean };
  readonly crons: readonly string[];
  /** The version that serves, if another than this stack made it. */
  readonly outsideVersion: string | undefined;
}

export interface LiveRoute {
  readonly id: string;
  readonly pattern: string;
  readonly script: string | undefined;
}

/** The account's part of what a stack declares, and everything named as this project names things. */
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
 * @throws UserError if the token may not even see the Worker, or the API fails.
 */
export async function lookAtAccount(
  explorer: Explorer,
  account: StackAccount,
  stack: string,
  declared: DeclaredStack,
): Promise<Live> {
  const { accountId: account_id, ask, look } = explorer;
  const name = declared.worker?.scriptName;
  const workers = await ask("scripts", (client) => listWorkers(client, account_id));
  const script = workers.find((each) => each.name === name);
  const { routes, otherZones } = await lookAtRoutes(explorer, declared);
  const [worker, domains, namespaces, databases, buckets, access] = await Promise.all([
    script !== undefined ? readWorker(explorer, account, stack, script) : undefined,
    ask("scripts", (client) => collect(client.workers.domains.list({ account_id }))),
    look("kv", (client) => collect(client.kv.namespaces.list({ account_id, per_page: 100 }))),
    look("d1", (client) => collect(client.d1.database.list({ account_id, per_page: 100 }))),
    look("r2", async (client) => listBuckets(client, account_id)),
    lookAtAccess(explorer, declared),
  ]);
  return {
    worker,
    workers: workers.map((each) => each.name),
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
  { name, migrationTag }: ListedWorker,
): Promise<LiveWorker> {
  const [settings, modules, classes, triggers, outsideVersion] = await Promise.all([
    ask("scripts", (client) => readWorkerSettings(client, account_id, name)),
    ask("scripts", (client) => readModules(client, account_id, name)),
    ask("scripts", (client) => listClasses(client, account_id, name)),
    ask("scripts", (client) => readTriggers(client, account_id, name)),
    // The same look as the program's own before an `up`.
    ask("scripts", () => createLiveAccount(account).findOutsideVersion(name, startMessage(stack))),
  ]);
  return {
    settings,
    sha256: hashMainModule(modules),
    migrationTag,
    classes: classes.map((each) => each.name),
    subdomain: { enabled: triggers.workersDev, previewsEnabled: triggers.previewUrls },
    crons: triggers.crons,
    outsideVersion,
  };
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
