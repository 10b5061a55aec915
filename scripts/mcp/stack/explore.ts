import type { Cloudflare } from "cloudflare";
import { ApiFailure } from "../../../infra/api-failure.ts";
import {
  type Asker,
  createAsker,
  type Permission,
  type Question,
} from "../../../infra/ask-cloudflare.ts";
import { Refusal } from "../../../infra/refusal.ts";
import { UserError } from "../../errors.ts";
import type { StackAccount } from "./stack-account.ts";

/** What was seen of a part of the account, or why it could not be looked at. */
export type Looked<Found> = { readonly found: Found } | { readonly notChecked: string };

/** Asks the account of a stack. Nothing is changed by it. */
export interface Explorer {
  readonly accountId: string;
  /** @throws Refusal for a token that may not do this. @throws UserError for an API that fails. */
  ask<Answer>(needed: Permission, question: Question<Answer>): Promise<Answer>;
  /** Undefined where Cloudflare has no such thing. @throws as `ask`. */
  find<Answer>(needed: Permission, question: Question<Answer>): Promise<Answer | undefined>;
  /** Says why, where the token may not look. @throws UserError for an API that fails. */
  look<Answer>(needed: Permission, question: Question<Answer>): Promise<Looked<Answer>>;
  /** As `look`, and undefined where Cloudflare has no such thing. */
  seek<Answer>(needed: Permission, question: Question<Answer>): Promise<Looked<Answer | undefined>>;
}

/** Looks at an account through the official SDK. */
export function createExplorer({ accountId, apiToken, baseUrl }: StackAccount): Explorer {
  const asker: Asker = createAsker({ apiToken, baseUrl });
  const ask: Explorer["ask"] = (needed, question) =>
    explainFailure(() => asker.ask(needed, question));
  const find: Explorer["find"] = (needed, question) =>
    explainFailure(() => asker.look(needed, question));
  return {
    accountId,
    ask,
    find,
    look: (needed, question) => tell(() => ask(needed, question)),
    seek: (needed, question) => tell(() => find(needed, question)),
  };
}

async function tell<Found>(look: () => Promise<Found>): Promise<Looked<Found>> {
  try {
    return { found: await look() };
  } catch (error) {
    if (error instanceof Refusal) return { notChecked: error.message };
    throw error;
  }
}

/** Tells an API that fails from a token that may not ask. @throws UserError where the API fails. */
export async function explainFailure<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    throw error instanceof ApiFailure ? new UserError(error.message) : error;
  }
}

/** Names of all keys of a KV namespace that begin so. */
export async function listKeys(
  client: Cloudflare,
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
