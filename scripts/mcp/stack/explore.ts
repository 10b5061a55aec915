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

/** @throws UserError where the API fails after the SDK's own tries. */
async function explainFailure<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    const { APIConnectionError, APIError } = await import("cloudflare");
    // The SDK reads the answer after its last try.
    if (error instanceof SyntaxError) {
      throw new UserError(
        "An answer of Cloudflare's API was cut off. What was asked may be done or not: run the same command again.",
      );
    }
    if (!(error instanceof APIError)) throw error;
    if (error instanceof APIConnectionError) {
      throw new UserError(
        `Cloudflare's API could not be reached: ${error.message} Run the same command again.`,
      );
    }
    const said = error.errors.map(({ code, message }) => `${message} (${code})`).join("; ");
    throw new UserError(
      `Cloudflare's API answered ${error.status}${said && `: ${said}`}. Run the same command again in a few minutes.`,
    );
  }
}

/** All items of a list, over its pages. */
export async function collect<Item>(list: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of list) items.push(item);
  return items;
}
