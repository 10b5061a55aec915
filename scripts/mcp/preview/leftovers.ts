import type { Cloudflare } from "cloudflare";
import * as z from "zod";
import { createAsker } from "../../../infra/ask-cloudflare.ts";
import { toNamespaceTitle } from "../../../infra/identity-guard.ts";
import { startMessage } from "../../../infra/version.ts";
import type { StackAccount } from "../stack/stack-account.ts";

/** What was found in an account under a preview's name. */
export interface Leftovers {
  /** What was removed, in words. */
  readonly removed: readonly string[];
  /** What the preview did not make, or what is in use: it stays. */
  readonly foreign: readonly string[];
}

/** A version of a Worker; the SDK leaves its annotations out of the type. */
const listedVersion = z.object({ annotations: z.record(z.string(), z.unknown()).nullish() });

/**
 * Removes a Worker that a run left in the account which was interrupted before it could write it down.
 * Only for a stack whose state has none; and before its namespace goes, which a Worker would hold.
 * @throws Refusal for a token that may not do this.
 */
export async function removeLostWorker(
  { accountId: account_id, apiToken, baseUrl }: StackAccount,
  scriptName: string,
  stack: string,
): Promise<Leftovers> {
  const { ask, look } = createAsker({ apiToken, baseUrl });
  if (!(await ask("scripts", (client) => hasWorker(client, account_id, scriptName)))) {
    return { removed: [], foreign: [] };
  }
  const isOwn = await ask("scripts", (client) =>
    isUploadedBy(client, account_id, scriptName, stack),
  );
  if (!isOwn) {
    return {
      removed: [],
      foreign: [`the Worker ${scriptName}, which this preview did not upload`],
    };
  }
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

async function hasWorker(client: Cloudflare, account_id: string, name: string): Promise<boolean> {
  for await (const { id } of client.workers.scripts.list({ account_id })) {
    if (id === name) return true;
  }
  return false;
}

/** Every upload of a stack says so in its message. */
async function isUploadedBy(
  client: Cloudflare,
  account_id: string,
  name: string,
  stack: string,
): Promise<boolean> {
  const listed = await client.workers.scripts.versions.list(name, { account_id, per_page: 100 });
  const versions = z.array(listedVersion).parse(listed.getPaginatedItems());
  return versions.some(({ annotations }) =>
    String(annotations?.["workers/message"] ?? "").startsWith(startMessage(stack)),
  );
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
