import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fail } from "../api-error.ts";
import type { Cloud } from "../cloud.ts";
import { answerPage, type Call, createRoutes } from "../route.ts";

/** Durable Object namespaces: one for each class of a Worker. */
export const durableObjectRoutes = createRoutes(
  "Workers Scripts",
  "/accounts/:account/workers/durable_objects/namespaces",
  [
    ["GET", "", listNamespaces],
    ["GET", "/:namespace/objects", listObjects],
  ],
);

function listNamespaces(call: Call) {
  return answerPage(listAll(call), call.query);
}

function listAll({ cloud, account }: Call) {
  return cloud.records.scripts
    .list((each) => each.account === account.id)
    .flatMap((script) =>
      Object.entries(script.classes).map(([name, { namespaceId, sqlite }]) => ({
        id: namespaceId,
        name: `${script.name}_${name}`,
        script: script.name,
        class: name,
        use_sqlite: sqlite,
        use_containers: false,
      })),
    );
}

/** Those that have stored something. */
async function listObjects(call: Call) {
  const { cloud, params, query } = call;
  const found = listAll(call).find(({ id }) => id === params.namespace);
  if (found === undefined) throw fail(404, 10066, "The Durable Object namespace does not exist.");
  const ids = await listObjectIds(cloud, found.id);
  const limit = Math.min(Number(query.get("limit") ?? 1000) || 1000, 10_000);
  const after = query.get("cursor") ?? "";
  const rest = ids.toSorted().filter((id) => id > after);
  const page = rest.slice(0, limit);
  const last = rest.length > limit ? page.at(-1) : undefined;
  return {
    result: page.map((id) => ({ id, hasStoredData: true })),
    resultInfo: {
      count: page.length,
      ...(last !== undefined && { cursors: { after: last } }),
      per_page: limit,
      total_count: ids.length,
    },
  };
}

/** Ids of a namespace's objects that have stored something. */
export async function listObjectIds(cloud: Cloud, namespaceId: string): Promise<string[]> {
  const files = await readdir(join(cloud.dataDirectory, "do", namespaceId)).catch(() => []);
  // The runtime keeps files of its own beside them.
  return files.flatMap((file) => /^([0-9a-f]{64})\.sqlite$/.exec(file)?.[1] ?? []);
}
