import { AuthorizationError } from "@cloudflare/workers-oauth-provider";
import type { DurableObjectNamespace, DurableObjectStub } from "@cloudflare/workers-types";
import type { WorkerEnv } from "../../env.ts";
import { layerKv } from "../gate/kv-layer.ts";
import type { Transaction } from "./transaction.ts";

/** The part of the OAuth library's keys before the hash of a handle. */
const prefix = "transaction:";

/** Seconds for which a page or a visit counts, if the library names none. */
const longestLifetime = 600;

/**
 * The environment in which people answer pages: each transaction of the OAuth library is in a Durable
 * Object of its own, so that it is used once, is visible everywhere at once, and costs no KV write.
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
      if (await transaction.take()) return;
      // The library has read the record and would continue; another request was faster.
      throw new AuthorizationError("invalid_request", {
        description: "This authorization was already used; start again",
      });
    },
  });
  return { ...env, OAUTH_KV };
}

/** The same environment, but answering a page does not use it up: to look at what the page holds. */
export function withoutTaking(env: WorkerEnv): WorkerEnv {
  const OAUTH_KV = layerKv(env.OAUTH_KV, {
    async delete(key, below) {
      if (!key.startsWith(prefix)) await below();
    },
  });
  return { ...env, OAUTH_KV };
}

/**
 * The object of a handle's hash, or of an assertion's id. RPC types need the class, and env.ts stays free of
 * what only a Worker has.
 */
export function findTransaction(
  { TRANSACTIONS }: WorkerEnv,
  name: string,
): DurableObjectStub<Transaction> {
  const transactions = TRANSACTIONS as unknown as DurableObjectNamespace<Transaction>;
  return transactions.get(transactions.idFromName(name));
}
