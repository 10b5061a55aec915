import type { Cloudflare } from "cloudflare";
import type { Account, AccountParts, KvNamespace } from "./account.ts";

/** DNS record types that make a host name answer; others, as TXT and MX, stand beside a custom domain. */
const answeringTypes: readonly string[] = ["A", "AAAA", "CNAME", "NS"];

/**
 * The account at Cloudflare, through the official SDK, which reads CLOUDFLARE_BASE_URL as the
 * provider does.
 */
export function createLiveAccount({ accountId, apiToken }: AccountParts): Account {
  const account_id = accountId;
  const load = () => loadSdk(apiToken);

  async function isEmpty(id: string): Promise<boolean> {
    const { client } = await load();
    const page = await client.kv.namespaces.keys.list(id, { account_id, limit: 10 });
    return page.getPaginatedItems().length === 0;
  }

  return {
    async findWorkersDevSubdomain() {
      const { client, NotFoundError } = await load();
      try {
        const { subdomain } = await client.workers.subdomains.get({ account_id });
        return subdomain || undefined;
      } catch (error) {
        // 10007: the account never opened the Workers page, where the subdomain is chosen.
        if (error instanceof NotFoundError) return undefined;
        throw error;
      }
    },

    // A list never fails for a Worker that does not exist yet.
    async findWorker(scriptName) {
      const { client } = await load();
      for await (const script of client.workers.scripts.list({ account_id })) {
        if (script.id !== scriptName) continue;
        const classes: string[] = [];
        for await (const namespace of client.durableObjects.namespaces.list({ account_id })) {
          if (namespace.script === scriptName && namespace.class) classes.push(namespace.class);
        }
        return { migrationTag: script.migration_tag || undefined, classes };
      }
      return undefined;
    },

    async countWorkers() {
      const { client } = await load();
      return count(client.workers.scripts.list({ account_id }));
    },

    async countNamespaces() {
      const { client } = await load();
      return count(client.kv.namespaces.list({ account_id, per_page: 100 }));
    },

    async findBoundNamespaces(scriptName) {
      const { client, NotFoundError } = await load();
      const { scriptAndVersionSettings } = client.workers.scripts;
      try {
        const { bindings = [] } = await scriptAndVersionSettings.get(scriptName, { account_id });
        return bindings.flatMap((binding) =>
          binding.type === "kv_namespace" ? binding.namespace_id : [],
        );
      } catch (error) {
        if (error instanceof NotFoundError) return undefined;
        throw error;
      }
    },

    async findNamespace(wanted) {
      const { client } = await load();
      for await (const { id, title } of client.kv.namespaces.list({ account_id, per_page: 100 })) {
        if (title === wanted) return { id, title, isEmpty: await isEmpty(id) };
      }
      return undefined;
    },

    async readNamespace(id): Promise<KvNamespace | undefined> {
      const { client, NotFoundError } = await load();
      try {
        const { title } = await client.kv.namespaces.get(id, { account_id });
        return { id, title, isEmpty: await isEmpty(id) };
      } catch (error) {
        if (error instanceof NotFoundError) return undefined;
        throw error;
      }
    },

    async deleteNamespace(id) {
      const { client } = await load();
      await client.kv.namespaces.delete(id, { account_id });
    },

    async findZoneId(name) {
      const { client } = await load();
      for await (const zone of client.zones.list({ account: { id: accountId }, name })) {
        if (zone.name === name) return zone.id;
      }
      return undefined;
    },

    async findHolder(hostname, zone_id) {
      const { client } = await load();
      for await (const domain of client.workers.domains.list({ account_id, hostname })) {
        // Its DNS record is Cloudflare's own.
        if (domain.hostname === hostname) return { worker: domain.service, records: [] };
      }
      const records: string[] = [];
      for await (const record of client.dns.records.list({ zone_id, name: { exact: hostname } })) {
        if (record.name === hostname && answeringTypes.includes(record.type)) {
          records.push(`${record.type} ${"content" in record ? record.content : ""}`.trim());
        }
      }
      return { records };
    },
  };
}

async function count(items: AsyncIterable<unknown>): Promise<number> {
  let found = 0;
  for await (const _item of items) found += 1;
  return found;
}

/** The SDK takes half a second to load, which the dev server, with its empty account, need not spend. */
async function loadSdk(apiToken: string | undefined) {
  const { Cloudflare, NotFoundError } = await import("cloudflare");
  const client: Cloudflare = new Cloudflare(apiToken === undefined ? {} : { apiToken });
  return { client, NotFoundError };
}
