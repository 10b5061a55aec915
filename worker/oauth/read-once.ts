import type { WorkerEnv } from "../env.ts";
import { layerKv } from "./gate/kv-layer.ts";

/** The key that the library reads repeatedly while it answers one request: the client. */
const again = "client:";

/** The values that were read for a request. */
const read = new WeakMap<Request, Map<string, Promise<string | null>>>();

/** The environment in which one request is answered: each client is read once for it, whoever asks. */
export function readOnce(env: WorkerEnv, request: Request): WorkerEnv {
  const known = read.get(request) ?? new Map<string, Promise<string | null>>();
  read.set(request, known);
  const OAUTH_KV = layerKv(env.OAUTH_KV, {
    get(key, below) {
      if (!key.startsWith(again)) return below();
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
