import type { KVNamespace } from "@cloudflare/workers-types";
import type { WorkerEnv } from "../../env.ts";
import { layerKv } from "../gate/kv-layer.ts";
import { kvCopyTime, RecentRecords } from "../gate/recent-records.ts";

/** Clients that an isolate keeps. Most have less than a kilobyte. */
const mostClients = 200;

/** Characters of a record that is kept: anybody may register a client, and say much in it. */
export const longestClient = 16_384;

/** The layer on each namespace: one in an isolate, with what it keeps. */
const layers = new WeakMap<KVNamespace, KVNamespace>();

/**
 * The environment in which a person's browser goes through an authorization: each of its four requests looks the same
 * client up, so the isolate keeps what Workers KV gave it, for as long as it keeps a token's record. A client that
 * was ended is unknown everywhere within a minute, as without this: for so long KV would answer from its own copy.
 * The token endpoint asks KV each time.
 */
export function withRecentClients(env: WorkerEnv): WorkerEnv {
  const { OAUTH_KV: below } = env;
  const OAUTH_KV = layers.get(below) ?? createLayer(below);
  layers.set(below, OAUTH_KV);
  return { ...env, OAUTH_KV };
}

function createLayer(below: KVNamespace): KVNamespace {
  const clients = new RecentRecords(mostClients, longestClient);
  return layerKv(below, {
    get: (key, read) =>
      key.startsWith("client:") ? clients.find(key, () => read(kvCopyTime)) : read(),
  });
}
