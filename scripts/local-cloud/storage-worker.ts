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
        name: `kv:${id}`,
        namespaceId: id,
      })),
      ...databaseIds.map((id) => ({ type: "d1" as const, name: `d1:${id}`, id })),
      ...buckets.map((name) => ({
        type: "r2_bucket" as const,
        name: `r2:${name}`,
        bucketName: name,
      })),
    ],
    crons: [],
  };
}

/** Answers 404 for a key that is not there. */
const code = `
const handlers = {
  async kvGet({ id, key }, env) {
    const { value, metadata } = await env["kv:" + id].getWithMetadata(key, "stream");
    if (value === null) return new Response(null, { status: 404 });
    return new Response(value, { headers: { "x-metadata": encodeURIComponent(JSON.stringify(metadata)) } });
  },
  async kvPut({ id, key, options }, env, body) {
    await env["kv:" + id].put(key, body, options);
    return new Response();
  },
  async kvDelete({ id, keys }, env) {
    await Promise.all(keys.map((key) => env["kv:" + id].delete(key)));
    return new Response();
  },
  async kvList({ id, options }, env) {
    return Response.json(await env["kv:" + id].list(options));
  },
  async d1Query({ id, statements }, env) {
    const database = env["d1:" + id];
    const prepared = statements.map(({ sql, params }) => database.prepare(sql).bind(...params));
    try {
      return Response.json(await database.batch(prepared));
    } catch (error) {
      return Response.json({ error: error.message }, { status: 400 });
    }
  },
  async r2List({ bucket, options }, env) {
    const { objects, cursor } = await env["r2:" + bucket].list(options);
    return Response.json({
      objects: objects.map(({ key, size, etag, uploaded }) => ({ key, size, etag, last_modified: uploaded })),
      cursor,
    });
  },
  async r2Delete({ bucket, key }, env) {
    await env["r2:" + bucket].delete(key);
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
