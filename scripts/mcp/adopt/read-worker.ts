import * as z from "zod";
import { listClasses } from "../../../infra/object-classes.ts";
import { UserError } from "../../errors.ts";
import { collect, createExplorer } from "../stack/explore.ts";
import type { StackAccount } from "../stack/stack-account.ts";
import { type LiveRoute, type LiveWorker, liveBinding } from "./live-worker.ts";

/** Workers that a message names at most. */
const mostNamed = 20;

const settingsForm = z.looseObject({
  bindings: z.array(liveBinding).nullish(),
  compatibility_date: z.string().nullish(),
  compatibility_flags: z.array(z.string()).nullish(),
  observability: z.unknown().optional(),
});

/** Settings that this project's program does not name, where they say something. */
const extraNames = ["logpush", "placement", "limits", "tail_consumers"] as const;

/**
 * Reads a deployed Worker and everything that leads to it. Changes nothing.
 * @throws UserError where there is no such Worker, or it is of a kind that no stack can hold.
 * @throws UserError for a token that may not read this.
 */
export async function readWorker(account: StackAccount, name: string): Promise<LiveWorker> {
  const account_id = account.accountId;
  const { ask } = createExplorer(account);

  const found = await ask("scripts", async (client) => {
    const scripts = await collect(client.workers.scripts.list({ account_id }));
    const script = scripts.find(({ id }) => id === name);
    if (script !== undefined) return script;
    const names = scripts.map(({ id }) => String(id));
    throw new UserError(describeMissing(name, names));
  });
  if (found.has_modules === false) {
    throw new UserError(
      `--worker: "${name}" is written in service-worker syntax (addEventListener), which an upload of modules would replace as a whole. Deploy it as a module (export default) with wrangler first, then adopt it.`,
    );
  }
  const own = await ask("scripts", async (client) => {
    const classes = await listClasses(client, account_id, name);
    const domains = await collect(client.workers.domains.list({ account_id, service: name }));
    const { scripts } = client.workers;
    const [settings, { schedules }, subdomain] = await Promise.all([
      scripts.scriptAndVersionSettings.get(name, { account_id }),
      scripts.schedules.get(name, { account_id }),
      scripts.subdomain.get(name, { account_id }),
    ]);
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
      settings: settingsForm.parse(settings),
      crons: schedules.map(({ cron }) => cron),
      subdomain,
    };
  });
  const titles = await ask("kv", async (client) => {
    const all = await collect(client.kv.namespaces.list({ account_id, per_page: 100 }));
    return new Map(all.map(({ id, title }) => [id, title]));
  });
  const { settings } = own;
  const bindings = settings.bindings ?? [];
  return {
    name,
    migrationTag: found.migration_tag || undefined,
    classes: own.classes,
    bindings,
    namespaces: bindings.flatMap(({ name: binding, type, namespace_id: id }) =>
      type === "kv_namespace" && id !== undefined
        ? [{ binding, id, title: titles.get(id) ?? "" }]
        : [],
    ),
    titles,
    compatibilityDate: settings.compatibility_date ?? "",
    compatibilityFlags: settings.compatibility_flags ?? [],
    observability: settings.observability ?? undefined,
    extras: Object.fromEntries(
      [...extraNames.map((key) => [key, settings[key]]), ["assets", found.has_assets]].filter(
        ([, value]) => saysSomething(value),
      ),
    ) as Record<string, unknown>,
    crons: own.crons,
    workersDev: own.subdomain.enabled,
    previewUrls: own.subdomain.previews_enabled,
    domains: own.domains,
    routes: await readRoutes(account, name),
  };
}

/** Routes stand at their zone, so each zone is asked. */
async function readRoutes(account: StackAccount, name: string): Promise<LiveRoute[]> {
  const { ask } = createExplorer(account);
  const zones = await ask("zone", (client) =>
    collect(client.zones.list({ account: { id: account.accountId } })),
  );
  return ask("routes", async (client) => {
    const routes: LiveRoute[] = [];
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
