import * as z from "zod";
import type { Account, AccountParts } from "./account.ts";
import { createAsker } from "./ask-cloudflare.ts";
import {
  listClasses,
  listVersions,
  listWorkers,
  readServingVersion,
  readWorkerSettings,
} from "./deployed-worker.ts";
import { isLoopback } from "./loopback.ts";

/** DNS record types that make a host name answer; others, such as TXT and MX, may exist beside a custom domain. */
const answeringTypes: readonly string[] = ["A", "AAAA", "CNAME", "NS"];

/** The local cloud's answer when it is asked for a Worker's port. */
const givenPort = z.object({ origin: z.string() });

/**
 * The account at Cloudflare, or at the local cloud, through the official SDK.
 * @throws UserError, from each method, for a token that is missing, wrong or may not do this, and for an API
 * that fails.
 */
export function createLiveAccount({
  accountId,
  apiToken,
  baseUrl = process.env.CLOUDFLARE_BASE_URL || undefined,
}: AccountParts): Account {
  const account_id = accountId;
  const { ask, look } = createAsker({ apiToken, baseUrl });

  const isEmpty = (id: string) =>
    ask("kv", async (client) => {
      const page = await client.kv.namespaces.keys.list(id, { account_id, limit: 10 });
      return page.getPaginatedItems().length === 0;
    });

  /** Undefined if there is no such Worker. */
  const readBindings = (scriptName: string) =>
    look("scripts", async (client) => {
      const { bindings } = await readWorkerSettings(client, account_id, scriptName);
      return bindings;
    });

  return {
    async findLocalOrigin(script) {
      if (!isLoopback(baseUrl)) return undefined;
      return ask("scripts", async (client) => {
        const answer = await client.post(new URL("/_ports", baseUrl).href, {
          body: { script, account: account_id },
        });
        return givenPort.parse(answer).origin;
      });
    },

    // 10007, not found: the account never opened the Workers page, where the subdomain is chosen.
    findWorkersDevSubdomain: () =>
      look("scripts", async (client) => {
        const { subdomain } = await client.workers.subdomains.get({ account_id });
        return subdomain || undefined;
      }),

    findWorker: (scriptName) =>
      ask("scripts", async (client) => {
        const workers = await listWorkers(client, account_id);
        const worker = workers.find(({ name }) => name === scriptName);
        if (worker === undefined) return undefined;
        const classes = await listClasses(client, account_id, scriptName);
        return { migrationTag: worker.migrationTag, classes: classes.map(({ name }) => name) };
      }),

    findOutsideVersion: (scriptName, ownMessage) =>
      look("scripts", async (client) => {
        const newestFirst = await listVersions(client, account_id, scriptName);
        const own = newestFirst.findIndex(({ message }) => message?.startsWith(ownMessage));
        // If no version has a message of this stack, nothing follows from that.
        if (own === -1) return undefined;
        const serving =
          (await readServingVersion(client, account_id, scriptName)) ?? newestFirst[0]?.id;
        return serving === newestFirst[own]?.id ? undefined : serving;
      }),

    countWorkers: () =>
      ask("scripts", async (client) => (await listWorkers(client, account_id)).length),

    countNamespaces: () =>
      ask("kv", (client) => count(client.kv.namespaces.list({ account_id, per_page: 100 }))),

    async findBoundNamespaces(scriptName) {
      const bindings = await readBindings(scriptName);
      return bindings?.flatMap(({ type, namespace_id: id }) =>
        type === "kv_namespace" && typeof id === "string" ? id : [],
      );
    },

    findBindings: async (scriptName) => (await readBindings(scriptName)) ?? [],

    findNamespace: (wanted) =>
      ask("kv", async (client) => {
        const all = client.kv.namespaces.list({ account_id, per_page: 100 });
        for await (const { id, title } of all) {
          if (title === wanted) return { id, title, isEmpty: await isEmpty(id) };
        }
        return undefined;
      }),

    readNamespace: (id) =>
      look("kv", async (client) => {
        const { title } = await client.kv.namespaces.get(id, { account_id });
        return { id, title, isEmpty: await isEmpty(id) };
      }),

    deleteNamespace: (id) =>
      ask("kv", async (client) => {
        await client.kv.namespaces.delete(id, { account_id });
      }),

    findZoneId: (name) =>
      ask("zone", async (client) => {
        for await (const zone of client.zones.list({ account: { id: accountId }, name })) {
          if (zone.name === name) return zone.id;
        }
        return undefined;
      }),

    queryDatabase: (id, sql) =>
      ask("d1", async (client) => {
        const results = await client.d1.database.query(id, { account_id, sql });
        return results.result.at(-1)?.results ?? [];
      }),

    async findHolder(hostname, zone_id) {
      const worker = await ask("scripts", async (client) => {
        for await (const domain of client.workers.domains.list({ account_id, hostname })) {
          if (domain.hostname === hostname) return domain.service;
        }
        return undefined;
      });
      // Its DNS record is Cloudflare's own.
      if (worker !== undefined) return { worker, records: [] };
      return ask("dns", async (client) => {
        const records: string[] = [];
        const found = client.dns.records.list({ zone_id, name: { exact: hostname } });
        for await (const record of found) {
          if (record.name === hostname && answeringTypes.includes(record.type)) {
            records.push(`${record.type} ${"content" in record ? record.content : ""}`.trim());
          }
        }
        return { records };
      });
    },
  };
}

async function count(items: AsyncIterable<unknown>): Promise<number> {
  let found = 0;
  for await (const _item of items) found += 1;
  return found;
}
