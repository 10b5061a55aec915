import type { KVNamespace } from "@cloudflare/workers-types";
import { workerEnv } from "./worker-env.ts";

/** Workers KV of these tests. */
export const realKv = workerEnv.OAUTH_KV;

/** Workers KV at a place that has seen no grant and no token yet, and does not in the next minute. */
export function hideNewKeys(): KVNamespace {
  const isHidden = (key: unknown) => /^(grant|token):/.test(String(key));
  return wrapKv({
    get: (key, go) => (isHidden(key) ? Promise.resolve(null) : go()),
    list: (_options, go) => go().then((page) => ({ ...(page as object), keys: [] })),
  });
}

/** The same namespace, in which some operations do something else. @param hooks by the name of the operation. */
export function wrapKv(hooks: {
  [name: string]: (first: unknown, go: () => Promise<unknown>) => Promise<unknown>;
}): KVNamespace {
  return new Proxy(realKv, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        const go = () => Reflect.apply(member, target, args) as Promise<unknown>;
        return hooks[String(name)]?.(args[0], go) ?? go();
      };
    },
  });
}
