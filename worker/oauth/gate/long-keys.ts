import type { WorkerEnv } from "../../env.ts";
import { layerKv } from "./kv-layer.ts";

/** Bytes of a key at most: https://developers.cloudflare.com/kv/platform/limits/ */
const longestKey = 512;

/**
 * The bindings with a store that does not find a key which it cannot have. KV itself fails for one, and
 * anybody can ask for it: client ids, codes and tokens are parts of keys. So what nobody can have is
 * unknown, like everything else that is not there, and no failure of the server.
 */
export function withoutLongKeys(env: WorkerEnv): WorkerEnv {
  const OAUTH_KV = layerKv(env.OAUTH_KV, {
    get: async (key, below) => (new TextEncoder().encode(key).length > longestKey ? null : below()),
  });
  return { ...env, OAUTH_KV };
}
