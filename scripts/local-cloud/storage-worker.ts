import type { WorkerSpec } from "../runtime/worker-spec.ts";

/** Name of the Worker through which the API reaches stored data. No Worker's tag is like it. */
export const storageWorkerName = "local-cloud-storage";

export interface StorageParts {
  readonly namespaceIds: readonly string[];
  readonly databaseIds: readonly string[];
  readonly buckets: readonly string[];
}

/**
 * A Worker that is bound to every KV namespace, D1 database and R2 bucket. The API's calls for values
 * go through it, so that they and the deployed Workers see the same data, written by the same code.
 */
export function createStorageWorker({
  namespaceIds,
  databaseIds,
  buckets,
}: StorageParts): WorkerSpec {
  return {
    name: storageWorkerName,
    modules,
    compatibilityDate: "2026-01-01",
    compatibilityFlags: [],
    bindings: [
      ...namespaceIds.map((id) => ({
        type: "kv_namespace" as const,
        name: toBindingName.kv(id),
        namespaceId: id,
      })),
      ...databaseIds.map((id) => ({ type: "d1" as const, name: toBindingName.d1(id), id })),
      ...buckets.map((name) => ({
        type: "r2_bucket" as const,
        name: toBindingName.r2(name),
        bucketName: name,
      })),
    ],
    crons: [],
  };
}

/** Names of its bindings, by what they lead to. */
export const toBindingName = {
  kv: (id: string) => `kv:${id}`,
  d1: (id: string) => `d1:${id}`,
  r2: (bucket: string) => `r2:${bucket}`,
};

/** Answers 404 for a key that is not there. */
const code = `
const handlers = {
  async kvGet({ binding, key }, env) {
    const { value, metadata } = await env[binding].getWithMetadata(key, "stream");
    if (value === null) return new Response(null, { status: 404 });
    return new Response(value, { headers: { "x-metadata": encodeURIComponent(JSON.stringify(metadata)) } });
  },
  async kvPut({ binding, key, options }, env, body) {
    await env[binding].put(key, body, options);
    return new Response();
  },
  async kvDelete({ binding, keys }, env) {
    await Promise.all(keys.map((key) => env[binding].delete(key)));
    return new Response();
  },
  async kvList({ binding, options }, env) {
    return Response.json(await env[binding].list(options));
  },
  async d1Query({ binding, statements }, env) {
    const database = env[binding];
    const prepared = statements.map(({ sql, params }) => database.prepare(sql).bind(...params));
    try {
      return Response.json(await database.batch(prepared));
    } catch (error) {
      return Response.json({ error: error.message }, { status: 400 });
    }
  },
  async r2List({ binding, options }, env) {
    const { objects, cursor } = await env[binding].list(options);
    return Response.json({
      objects: objects.map(({ key, size, etag, uploaded }) => ({ key, size, etag, last_modified: uploaded })),
      cursor,
    });
  },
  async r2Delete({ binding, key }, env) {
    await env[binding].delete(key);
    return new Response();
  },
};

export default {
  async fetch(request, env) {
    const call = JSON.parse(decodeURIComponent(request.headers.get("x-call")));
    return handlers[call.name](call, env, await request.arrayBuffer());
  },
};`;

/** The same object each time, by which the runtime knows it. */
const modules = [{ name: "storage.js", type: "ESModule", contents: code }] as const;
