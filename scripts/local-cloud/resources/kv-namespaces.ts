import * as z from "zod";
import { fail } from "../api-error.ts";
import type { KvNamespace } from "../records.ts";
import { answer, answerPage, type Call, createRoutes } from "../route.ts";

const body = z.object({ title: z.string().min(1).max(512) });

export const kvNamespaceRoutes = createRoutes(
  "Workers KV Storage",
  "/accounts/:account/storage/kv/namespaces",
  [
    ["GET", "", listNamespaces],
    ["POST", "", createNamespace],
    ["GET", "/:namespace", (call) => answer(show(findNamespace(call)))],
    ["PUT", "/:namespace", renameNamespace],
    ["DELETE", "/:namespace", deleteNamespace],
  ],
);

/** The namespace of the path. @throws ApiError 10013 */
export function findNamespace({ cloud, account, params }: Call): KvNamespace {
  const found = cloud.records.namespaces.get(params.namespace ?? "");
  if (found?.account === account.id) return found;
  throw fail(404, 10013, "list keys: 'namespace not found'");
}

function listNamespaces({ cloud, account, query }: Call) {
  const all = cloud.records.namespaces.list((each) => each.account === account.id);
  const by = query.get("order") === "id" ? "id" : "title";
  const sorted = all.toSorted((one, other) => one[by].localeCompare(other[by]));
  if (query.get("direction") === "desc") sorted.reverse();
  return answerPage(sorted.map(show), query);
}

async function createNamespace(call: Call) {
  const { title } = await call.json(body, 10019);
  const { cloud, account } = call;
  const { namespaces } = cloud.records;
  const mine = namespaces.list((each) => each.account === account.id);
  refuseTakenTitle(call, title);
  if (mine.length >= cloud.plan.kvNamespaces) {
    throw fail(
      400,
      10047,
      `This account has reached the limit of ${cloud.plan.kvNamespaces} KV namespaces.`,
    );
  }
  return answer(show(namespaces.put({ id: cloud.takeNamespaceId(), account: account.id, title })));
}

async function renameNamespace(call: Call) {
  const { title } = await call.json(body, 10019);
  const found = findNamespace(call);
  if (title !== found.title) refuseTakenTitle(call, title);
  return answer(show(call.cloud.records.namespaces.put({ ...found, title })));
}

function deleteNamespace(call: Call) {
  const found = findNamespace(call);
  const { records } = call.cloud;
  const user = records.scripts.list().find((script) =>
    call.cloud.servingVersion(script)?.bindings.some(({ namespace_id, type }) => {
      return type === "kv_namespace" && namespace_id === found.id;
    }),
  );
  if (user !== undefined) {
    throw fail(
      400,
      10052,
      `This namespace is associated with the Worker '${user.name}' and cannot be deleted. Remove the binding first.`,
    );
  }
  records.namespaces.delete(found);
  return answer(null);
}

function refuseTakenTitle({ cloud, account }: Call, title: string): void {
  const taken = cloud.records.namespaces.list(
    (each) => each.account === account.id && each.title === title,
  );
  if (taken.length === 0) return;
  throw fail(
    400,
    10014,
    `create namespace: 'a namespace with this account ID and title already exists'`,
  );
}

function show({ id, title }: KvNamespace) {
  return { id, title, supports_url_encoding: true };
}
