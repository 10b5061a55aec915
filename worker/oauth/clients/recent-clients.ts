import type { KVNamespace } from "@cloudflare/workers-types";
import type { WorkerEnv } from "../../env.ts";
import { layerKv } from "../gate/kv-layer.ts";
import { kvCopyTime, RecentRecords } from "../gate/recent-records.ts";

/** Clients that an isolate keeps. Most have less than a kilobyte. */
const mostClients = 200;

/** What this isolate keeps, by the namespace that it is from. */
const all = new WeakMap<KVNamespace, RecentRecords>();

/**
 * The environment in which a person's browser goes through an authorization: each of its four requests looks the same
 * client up, so the isolate keeps what Workers KV gave it, for as long as it keeps a token's record. A client that
 * was ended is unknown everywhere within a minute, as without this: that is for how long KV answers from its copy.
 * The token endpoint asks KV each time.
 */
export function withRecentClients(env: WorkerEnv): WorkerEnv {
  const { OAUTH_KV: below } = env;
  const clients = all.get(below) ?? new RecentRecords(mostClients);
  all.set(below, clients);
  const OAUTH_KV = layerKv(below, {
    get: (key, read) =>
      key.startsWith("client:") ? clients.find(key, () => read(kvCopyTime)) : read(),
  });
  return { ...env, OAUTH_KV };
}
