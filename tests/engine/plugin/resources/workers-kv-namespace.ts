import { defineJsonResource } from "../json-resource.ts";

export const workersKvNamespace = defineJsonResource({
  inputs: {
    accountId: { required: true, inPath: true, replaces: true },
    title: { required: true },
    jurisdiction: { replaces: true },
  },
  outputs: ["supportsUrlEncoding"],
  calls: {
    create: "POST /accounts/{accountId}/storage/kv/namespaces",
    read: "GET /accounts/{accountId}/storage/kv/namespaces/{id}",
    update: "PUT /accounts/{accountId}/storage/kv/namespaces/{id}",
    delete: "DELETE /accounts/{accountId}/storage/kv/namespaces/{id}",
  },
  id: "id",
  importId: ["accountId", "id"],
});
