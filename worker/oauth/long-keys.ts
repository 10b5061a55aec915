import type { KVNamespace } from "@cloudflare/workers-types";
import type { WorkerEnv } from "../env.ts";

/** Bytes of a key at most: https://developers.cloudflare.com/kv/platform/limits/ */
const longestKey = 512;

/**
 * The bindings with a store that does not find a key which it cannot have. KV itself fails for one, and
 * anybody can ask for it: client ids, codes and tokens are parts of keys. So what nobody can have is
 * unknown, like everything else that is not there, and no failure of the server.
 */
export function withoutLongKeys(env: WorkerEnv): WorkerEnv {
  return { ...env, OAUTH_KV: boundKeys(env.OAUTH_KV) };
}

function boundKeys(store: KVNamespace): KVNamespace {
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      if (name !== "get") return member.bind(target);
      return async (key: string, ...rest: unknown[]): Promise<unknown> =>
        new TextEncoder().encode(key).length > longestKey
          ? null
          : Reflect.apply(member, target, [key, ...rest]);
    },
  });
}
