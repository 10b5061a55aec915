import type { Cloudflare } from "cloudflare";
import { createAsker } from "../../../infra/ask-cloudflare.ts";
import { toNamespaceTitle } from "../../../infra/identity-guard.ts";
import { createLiveAccount } from "../../../infra/live-account.ts";
import type { StackAccount } from "../stack/stack-account.ts";

/** What was found in an account under a preview's name. */
export interface Leftovers {
  /** What was removed, in words. */
  readonly removed: readonly string[];
  /** What the preview did not make, or what is in use: it stays. */
  readonly foreign: readonly string[];
}

/**
 * Removes a Worker that a run left in the account which was interrupted before it could write it down.
 * Only for a stack whose state has none; and before its namespace goes, which a Worker would hold.
 * @param namespaces ids of the stack's own: a Worker that is bound to none of them is somebody else's,
 * whatever its name and its versions say.
 * @throws Refusal for a token that may not do this.
 */
export async function removeLostWorker(
  account: StackAccount,
  scriptName: string,
  namespaces: readonly string[],
): Promise<Leftovers> {
  const bound = await createLiveAccount(account).findBoundNamespaces(scriptName);
  if (bound === undefined) return { removed: [], foreign: [] };
  if (!bound.some((id) => namespaces.includes(id))) {
    return {
      removed: [],
      foreign: [`the Worker ${scriptName}, which this preview did not upload`],
    };
  }
  const { accountId: account_id } = account;
  const { look } = createAsker(account);
  // Undefined: another run was faster.
  await look("scripts", (client) => client.workers.scripts.delete(scriptName, { account_id }));
  return { removed: [`the Worker ${scriptName}`], foreign: [] };
}

/**
 * Removes namespaces that a run left whose answer was lost: nobody has written to one. Only for a stack
 * whose state is empty.
 * @throws Refusal for a token that may not do this.
 */
export async function removeLostNamespaces(
  { accountId: account_id, apiToken, baseUrl }: StackAccount,
  scriptName: string,
): Promise<Leftovers> {
  const { ask, look } = createAsker({ apiToken, baseUrl });
  const title = toNamespaceTitle(scriptName);
  const removed: string[] = [];
  const foreign: string[] = [];
  for (const { id, isEmpty } of await ask("kv", (client) =>
    findNamespaces(client, account_id, title),
  )) {
    if (!isEmpty) {
      foreign.push(`the KV namespace ${title} (${id}), with keys in it`);
      continue;
    }
    await look("kv", (client) => client.kv.namespaces.delete(id, { account_id }));
    removed.push(`the KV namespace ${title}`);
  }
  return { removed, foreign };
}

async function findNamespaces(client: Cloudflare, account_id: string, title: string) {
  const found: { readonly id: string; readonly isEmpty: boolean }[] = [];
  for await (const each of client.kv.namespaces.list({ account_id, per_page: 100 })) {
    if (each.title !== title) continue;
    const page = await client.kv.namespaces.keys.list(each.id, { account_id, limit: 10 });
    found.push({ id: each.id, isEmpty: page.getPaginatedItems().length === 0 });
  }
  return found;
}
