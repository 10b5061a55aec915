import type { KVNamespace } from "@cloudflare/workers-types";
import type { WorkerEnv } from "../../env.ts";
import { layerKv } from "./kv-layer.ts";
import { shareRecords } from "./token-records.ts";

/** The most bytes of a key: https://developers.cloudflare.com/kv/platform/limits/ */
const longestKey = 512;

/** The layer on each namespace: one in an isolate, not one a request. */
const layers = new WeakMap<KVNamespace, KVNamespace>();

/**
 * The bindings with a store that does not find a key that is too long. KV itself fails for one, and anybody can
 * cause that: client ids, codes and tokens are parts of keys. So such a value is unknown, like everything else
 * that is not there, and not a failure of the server.
 */
export function withoutLongKeys(env: WorkerEnv): WorkerEnv {
  const below = env.OAUTH_KV;
  let layer = layers.get(below);
  if (layer === undefined) {
    layer = layerKv(below, { get: async (key, read) => (isTooLong(key) ? null : read()) });
    layers.set(below, layer);
    shareRecords(layer, below);
  }
  return { ...env, OAUTH_KV: layer };
}

/** A character has three bytes at most, or two of them four. */
function isTooLong(key: string): boolean {
  return key.length * 3 > longestKey && new TextEncoder().encode(key).length > longestKey;
}
