import {
  type Asker,
  createAsker,
  NoAccess,
  type Permission,
  type Question,
} from "../../../infra/ask-cloudflare.ts";
import type { CloudflareClient } from "../../../infra/cloudflare-sdk.ts";
import type { StackAccount } from "./stack-account.ts";

/** A part of the account as it was found, or why it could not be looked at. */
export type Looked<Found> = { readonly found: Found } | { readonly notChecked: string };

/** Asks the account of a stack. Nothing is changed by it. */
export interface Explorer {
  readonly accountId: string;
  /** @throws NoAccess for a token that may not do this. @throws ApiFailure for an API that fails. */
  ask<Answer>(needed: Permission, question: Question<Answer>): Promise<Answer>;
  /** Undefined if Cloudflare has no such thing. @throws as `ask`. */
  find<Answer>(needed: Permission, question: Question<Answer>): Promise<Answer | undefined>;
  /** Says why, if the token may not look. @throws ApiFailure for an API that fails. */
  look<Answer>(needed: Permission, question: Question<Answer>): Promise<Looked<Answer>>;
  /** As `look`, and undefined if Cloudflare has no such thing. */
  seek<Answer>(needed: Permission, question: Question<Answer>): Promise<Looked<Answer | undefined>>;
}

/** Looks at an account through the official SDK. */
export function createExplorer({ accountId, apiToken, baseUrl }: StackAccount): Explorer {
  const asker: Asker = createAsker({ apiToken, baseUrl });
  return {
    accountId,
    ask: asker.ask,
    find: asker.look,
    look: (needed, question) => tell(() => asker.ask(needed, question)),
    seek: (needed, question) => tell(() => asker.look(needed, question)),
  };
}

async function tell<Found>(look: () => Promise<Found>): Promise<Looked<Found>> {
  try {
    return { found: await look() };
  } catch (error) {
    if (error instanceof NoAccess) return { notChecked: error.message };
    throw error;
  }
}

/** Names of all keys of a KV namespace that begin so. */
export async function listKvKeys(
  client: CloudflareClient,
  account_id: string,
  namespaceId: string,
  prefix: string,
): Promise<string[]> {
  const query = { account_id, prefix, limit: 1000 };
  const keys = await collect(client.kv.namespaces.keys.list(namespaceId, query));
  return keys.map(({ name }) => name);
}

/** All items of a list, over its pages. */
export async function collect<Item>(list: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of list) items.push(item);
  return items;
}
