import type { Cloudflare } from "cloudflare";

/** What the program asks of the Cloudflare account before it declares anything. */
export interface Account {
  /** The account's workers.dev subdomain, or undefined where none was chosen yet. */
  findWorkersDevSubdomain(): Promise<string | undefined>;
  /** Durable Object tag of the deployed Worker, or undefined where there is no such Worker. */
  findMigrationTag(scriptName: string): Promise<string | undefined>;
}

/** How to reach an account. */
export interface AccountParts {
  readonly accountId: string;
  /** Default: the variable CLOUDFLARE_API_TOKEN. */
  readonly apiToken: string | undefined;
}

/** An account with nothing in it. The dev server uses it: no API call is made. */
export function createEmptyAccount(): Account {
  return {
    findWorkersDevSubdomain: async () => undefined,
    findMigrationTag: async () => undefined,
  };
}

/** The account at Cloudflare, through the official SDK, which reads CLOUDFLARE_BASE_URL as the provider does. */
export function createLiveAccount({ accountId, apiToken }: AccountParts): Account {
  return {
    async findWorkersDevSubdomain() {
      const { client, NotFoundError } = await loadClient(apiToken);
      try {
        const { subdomain } = await client.workers.subdomains.get({ account_id: accountId });
        return subdomain || undefined;
      } catch (error) {
        // 10007: the account never opened the Workers page, where the subdomain is chosen.
        if (error instanceof NotFoundError) return undefined;
        throw error;
      }
    },
    // A list never fails for a Worker that does not exist yet.
    async findMigrationTag(scriptName) {
      const { client } = await loadClient(apiToken);
      for await (const script of client.workers.scripts.list({ account_id: accountId })) {
        if (script.id === scriptName) return script.migration_tag || undefined;
      }
      return undefined;
    },
  };
}

/** The SDK takes half a second to load, which the dev server, with its empty account, need not spend. */
async function loadClient(apiToken: string | undefined) {
  const { Cloudflare, NotFoundError } = await import("cloudflare");
  const client: Cloudflare = new Cloudflare(apiToken === undefined ? {} : { apiToken });
  return { client, NotFoundError };
}
