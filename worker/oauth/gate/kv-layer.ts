import type {
  KVNamespace,
  KVNamespaceListOptions,
  KVNamespaceListResult,
  KVNamespacePutOptions,
} from "@cloudflare/workers-types";

/** The operations that a layer answers itself; `below` asks the namespace under it. All others go there. */
export interface KvLayer {
  /** @param below takes the seconds for which KV may answer from its own copy, in place of the reader's. */
  get?(key: string, below: (cacheTtl?: number) => Promise<string | null>): Promise<string | null>;
  put?(
    key: string,
    value: string,
    options: KVNamespacePutOptions | undefined,
    below: (value: string) => Promise<void>,
  ): Promise<void>;
  delete?(key: string, below: () => Promise<void>): Promise<void>;
  list?(
    options: KVNamespaceListOptions,
    below: () => Promise<KVNamespaceListResult<unknown>>,
  ): Promise<KVNamespaceListResult<unknown>>;
}

interface ReadOptions {
  readonly type?: string;
  /** Seconds for which KV may answer from its own copy. */
  readonly cacheTtl?: number;
}

/** A KV namespace with a layer on it, in the parts of its interface that the OAuth library uses. */
export function layerKv(kv: KVNamespace, layer: KvLayer): KVNamespace {
  const members: Record<string, unknown> = {
    ...(layer.get && {
      async get(key: string, options: "json" | "text" | ReadOptions = {}) {
        const { type, cacheTtl: asked } = typeof options === "string" ? { type: options } : options;
        const text = await layer.get?.(key, (cacheTtl = asked) =>
          cacheTtl === undefined ? kv.get(key, "text") : kv.get(key, { type: "text", cacheTtl }),
        );
        return type === "json" && typeof text === "string" ? (JSON.parse(text) as unknown) : text;
      },
    }),
    ...(layer.put && {
      put: (key: string, value: string, options?: KVNamespacePutOptions) =>
        layer.put?.(key, value, options, (changed) => kv.put(key, changed, options)),
    }),
    ...(layer.delete && {
      delete: (key: string) => layer.delete?.(key, () => kv.delete(key)),
    }),
    ...(layer.list && {
      list: (options: KVNamespaceListOptions = {}) =>
        layer.list?.(options, () => kv.list<unknown>(options)),
    }),
  };
  return new Proxy(kv, {
    get(target, name) {
      if (typeof name === "string" && Object.hasOwn(members, name)) return members[name];
      const member: unknown = Reflect.get(target, name);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}
