import type { WorkerEnv } from "../env.ts";
import { layerKv } from "./gate/kv-layer.ts";

/** The keys that the library reads repeatedly while it answers one request: the client, and the page that is answered. */
const again = ["client:", "transaction:"];

/** The values that were read for a request. */
const read = new WeakMap<Request, Map<string, Promise<string | null>>>();

/**
 * The environment in which one request is answered: each client and each page is read once for it, whoever
 * asks. Using a page up still goes to its object: of two requests with one page, one learns that it came late.
 */
export function readOnce(env: WorkerEnv, request: Request): WorkerEnv {
  const known = read.get(request) ?? new Map<string, Promise<string | null>>();
  read.set(request, known);
  const OAUTH_KV = layerKv(env.OAUTH_KV, {
    get(key, below) {
      if (!again.some((prefix) => key.startsWith(prefix))) return below();
      const found = known.get(key) ?? below();
      known.set(key, found);
      found.catch(() => known.delete(key));
      return found;
    },
    put(key, value, _options, below) {
      known.delete(key);
      return below(value);
    },
    delete(key, below) {
      known.delete(key);
      return below();
    },
  });
  return { ...env, OAUTH_KV };
}
