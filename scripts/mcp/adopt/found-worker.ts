import {
  type DeployedBinding,
  listClasses,
  listWorkers,
  readTriggers,
  readWorkerSettings,
} from "../../../infra/deployed-worker.ts";
import { UserError } from "../../errors.ts";
import { collect, createExplorer } from "../stack/explore.ts";
import type { StackAccount } from "../stack/stack-account.ts";

/** Something that leads requests to a Worker. */
export interface FoundDomain {
  readonly id: string;
  readonly hostname: string;
  readonly zoneId: string;
  readonly zone: string;
}

export interface FoundRoute {
  readonly id: string;
  readonly pattern: string;
  readonly zoneId: string;
  readonly zone: string;
}

export interface FoundNamespace {
  readonly binding: string;
  readonly id: string;
  readonly title: string;
}

/** A Worker as it is deployed, with everything that leads to it. */
export interface FoundWorker {
  readonly name: string;
  /** Durable Object tag of its last migration. */
  readonly migrationTag: string | undefined;
  /** Its Durable Object classes. */
  readonly classes: readonly string[];
  readonly bindings: readonly DeployedBinding[];
  readonly namespaces: readonly FoundNamespace[];
  /** Title and id of every KV namespace of the account. */
  readonly titles: ReadonlyMap<string, string>;
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  readonly observability: unknown;
  /** Settings that an upload of this project's program does not name, and so turns off. */
  readonly extras: Readonly<Record<string, unknown>>;
  readonly crons: readonly string[];
  readonly workersDev: boolean;
  readonly previewUrls: boolean;
  readonly domains: readonly FoundDomain[];
  readonly routes: readonly FoundRoute[];
}

/** Workers that a message names at most. */
const mostNamed = 20;

/** Settings that this project's program does not name, if they are set. */
const extraNames = ["logpush", "placement", "limits", "tail_consumers"] as const;

/**
 * Reads a deployed Worker and everything that leads to it. Changes nothing.
 * @throws UserError if there is no such Worker, it is of a kind that no stack can hold, or the token may not read it.
 */
export async function readWorker(account: StackAccount, name: string): Promise<FoundWorker> {
  const account_id = account.accountId;
  const { ask } = createExplorer(account);

  const workers = await ask("scripts", (client) => listWorkers(client, account_id));
  const found = workers.find((worker) => worker.name === name);
  if (found === undefined) {
    throw new UserError(
      describeMissing(
        name,
        workers.map((worker) => worker.name),
      ),
    );
  }
  if (!found.hasModules) {
    throw new UserError(
      `--worker: "${name}" is written in service-worker syntax (addEventListener), which an upload of modules would replace as a whole. Deploy it as a module (export default) with wrangler first, then adopt it.`,
    );
  }
  const own = await ask("scripts", async (client) => {
    const classes = await listClasses(client, account_id, name);
    const domains = await collect(client.workers.domains.list({ account_id, service: name }));
    return {
      classes: classes.map((each) => each.name).sort(),
      domains: domains
        .filter(({ service }) => service === name)
        .map(({ id, hostname, zone_id, zone_name }) => ({
          id,
          hostname,
          zoneId: zone_id,
          zone: zone_name,
        })),
      settings: await readWorkerSettings(client, account_id, name),
      triggers: await readTriggers(client, account_id, name),
    };
  });
  const titles = await ask("kv", async (client) => {
    const all = await collect(client.kv.namespaces.list({ account_id, per_page: 100 }));
    return new Map(all.map(({ id, title }) => [id, title]));
  });
  const { settings, triggers } = own;
  const { bindings } = settings;
  return {
    name,
    migrationTag: found.migrationTag,
    classes: own.classes,
    bindings,
    namespaces: bindings.flatMap(({ name: binding, type, namespace_id: id }) =>
      type === "kv_namespace" && typeof id === "string"
        ? [{ binding, id, title: titles.get(id) ?? "" }]
        : [],
    ),
    titles,
    compatibilityDate: settings.compatibility_date ?? "",
    compatibilityFlags: settings.compatibility_flags,
    observability: settings.observability ?? undefined,
    extras: Object.fromEntries(
      [...extraNames.map((key) => [key, settings[key]]), ["assets", found.hasAssets]].filter(
        ([, value]) => saysSomething(value),
      ),
    ) as Record<string, unknown>,
    ...triggers,
    domains: own.domains,
    routes: await readRoutes(account, name),
  };
}

/** Routes belong to their zone, so each zone is asked. */
async function readRoutes(account: StackAccount, name: string): Promise<FoundRoute[]> {
  const { ask } = createExplorer(account);
  const zones = await ask("zone", (client) =>
    collect(client.zones.list({ account: { id: account.accountId } })),
  );
  return ask("routes", async (client) => {
    const routes: FoundRoute[] = [];
    for (const { id: zone_id, name: zone } of zones) {
      for await (const { id, pattern, script } of client.workers.routes.list({ zone_id })) {
        if (script === name) routes.push({ id, pattern, zoneId: zone_id, zone });
      }
    }
    return routes;
  });
}

function saysSomething(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}

function describeMissing(name: string, names: readonly string[]): string {
  const shown = names.slice(0, mostNamed).join(", ") || "none";
  const more = names.length > mostNamed ? `, and ${names.length - mostNamed} more` : "";
  return `--worker: the account has no Worker "${name}". It has: ${shown}${more}. A Pages project, and a Worker in a dispatch namespace, cannot come under a stack: deploy it as a Worker of its own first.`;
}
