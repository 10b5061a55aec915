import * as z from "zod";
import { mostRead } from "../admin/account-kv.ts";
import { createExplorer, listKeys } from "../stack/explore.ts";
import type { StackAccount } from "../stack/stack-account.ts";

/** Grants whose record is looked at, at most. */
const mostLooked = 1000;

/** Who has access by what an OAuth library left in a KV namespace. */
export interface GrantCount {
  readonly grants: number;
  readonly clients: number;
  /** Those among the first thousand that name no resource: an older library made them. */
  readonly unbound: number;
  /** Those among the first thousand by the resource that they name. */
  readonly bound: Readonly<Record<string, number>>;
}

const grantRecord = z.object({
  resource: z.union([z.string(), z.array(z.string())]).optional(),
});

/** Counts grants and registered clients. Nothing of a grant is kept or shown. @throws Refusal as `ask` */
export async function countGrants(account: StackAccount, namespaceId: string): Promise<GrantCount> {
  const account_id = account.accountId;
  const { ask } = createExplorer(account);
  return ask("kv", async (client) => {
    const list = (prefix: string) => listKeys(client, account_id, namespaceId, prefix);
    const [grants, clients] = await Promise.all([list("grant:"), list("client:")]);
    let unbound = 0;
    const bound: Record<string, number> = {};
    const looked = grants.slice(0, mostLooked);
    for (let start = 0; start < looked.length; start += mostRead) {
      const answer = await client.kv.namespaces.bulkGet(namespaceId, {
        account_id,
        keys: looked.slice(start, start + mostRead),
        type: "text",
      });
      for (const value of Object.values(answer?.values ?? {})) {
        const resource = typeof value === "string" ? readResource(value) : "?";
        if (resource === undefined) unbound += 1;
        else bound[resource] = (bound[resource] ?? 0) + 1;
      }
    }
    return { grants: grants.length, clients: clients.length, unbound, bound };
  });
}

/** The resource that a grant names; undefined for none. */
function readResource(text: string): string | undefined {
  try {
    const { resource } = grantRecord.parse(JSON.parse(text));
    return resource === undefined ? undefined : [resource].flat().join(" ");
  } catch {
    return "?";
  }
}
