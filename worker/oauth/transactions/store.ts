import { AuthorizationError } from "@cloudflare/workers-oauth-provider";
import type { DurableObjectNamespace, DurableObjectStub } from "@cloudflare/workers-types";
import type { WorkerEnv } from "../../env.ts";
import { layerKv } from "../gate/kv-layer.ts";
import type { WaitingPage } from "./page.ts";
import type { Transaction } from "./transaction.ts";

/** The part of the OAuth library's keys before the hash of a handle. */
const prefix = "transaction:";

/** Seconds for which a visit or a page counts, if the library names none. */
const longestLifetime = 600;

/** For the later of two requests that use one thing up: the library has read the record and would continue. */
const usedUp = () =>
  new AuthorizationError("invalid_request", {
    description: "This authorization was already used; start again",
  });

/**
 * The environment in which people visit the server that signs them in: each transaction of the OAuth library is in a
 * Durable Object of its own, so that it is used once, is seen at every location at once, and costs no KV write.
 */
export function withTransactions(env: WorkerEnv): WorkerEnv {
  const find = (key: string) =>
    key.startsWith(prefix) ? findTransaction(env, key.slice(prefix.length)) : undefined;
  const OAUTH_KV = layerKv(env.OAUTH_KV, {
    async get(key, below) {
      const transaction = find(key);
      return transaction === undefined ? below() : transaction.read();
    },
    async put(key, value, options, below) {
      const transaction = find(key);
      if (transaction === undefined) return below(value);
      await transaction.begin(value, options?.expirationTtl ?? longestLifetime);
    },
    async delete(key, below) {
      const transaction = find(key);
      if (transaction === undefined) return below();
      if (!(await transaction.take())) throw usedUp();
    },
  });
  return { ...env, OAUTH_KV };
}

/** The environment in which a consent page is made. @param keep is given what the library keeps of it. */
export function withNewPage(
  env: WorkerEnv,
  keep: (page: Pick<WaitingPage, "record" | "until">) => void,
): WorkerEnv {
  const OAUTH_KV = layerKv(env.OAUTH_KV, {
    async put(key, record, options, below) {
      if (!key.startsWith(prefix)) return below(record);
      keep({ record, until: Date.now() + (options?.expirationTtl ?? longestLifetime) * 1000 });
    },
  });
  return { ...env, OAUTH_KV };
}

/** Pages that were answered here, by the hash of their handle. None is ever answered again. */
const answeredHere = new Set<string>();

/** How many are remembered. */
const mostAnswered = 1000;

const day = 86_400_000;

/**
 * The object that notes the answers to the pages of a location and a day. It is made near whoever answers first, and
 * stays there: if that was somebody far away, it is for a day.
 */
export function findAnswers(
  env: WorkerEnv,
  { place, until }: Pick<WaitingPage, "place" | "until">,
): DurableObjectStub<Transaction> {
  return findTransaction(env, `pages:${place}:${Math.floor(until / day)}`);
}

/**
 * The environment in which a consent page is answered: the form has brought the record, and that it was used is
 * noted where it was shown, of two answers by one.
 * @param isLooking whether the page still counts afterwards, since somebody only looks at what it holds.
 */
export function withPage(env: WorkerEnv, page: WaitingPage, isLooking: boolean): WorkerEnv {
  const OAUTH_KV = layerKv(env.OAUTH_KV, {
    get: async (key, below) => (key.startsWith(prefix) ? page.record : below()),
    async delete(key, below) {
      if (!key.startsWith(prefix)) return below();
      if (isLooking) return;
      const hash = key.slice(prefix.length);
      // One page that is sent again and again would keep everybody's object of that location busy.
      if (answeredHere.has(hash)) throw usedUp();
      const isFirst = await findAnswers(env, page).useUp(hash, page.until);
      if (answeredHere.size >= mostAnswered) answeredHere.clear();
      answeredHere.add(hash);
      if (!isFirst) throw usedUp();
    },
  });
  return { ...env, OAUTH_KV };
}

/** The object of a handle's hash, of the pages of a place, or of what is used once. RPC types need the class, and env.ts stays free of what only a Worker has. */
export function findTransaction(
  { TRANSACTIONS }: WorkerEnv,
  name: string,
): DurableObjectStub<Transaction> {
  const transactions = TRANSACTIONS as unknown as DurableObjectNamespace<Transaction>;
  return transactions.get(transactions.idFromName(name));
}
