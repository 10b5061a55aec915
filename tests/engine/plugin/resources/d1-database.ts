import { defineJsonResource } from "../json-resource.ts";

/** Not in the recorded traffic: from the sources of the provider. */
export const d1Database = defineJsonResource({
  inputs: {
    accountId: { required: true, inPath: true, replaces: true },
    name: { required: true, replaces: true },
    jurisdiction: { replaces: true },
    primaryLocationHint: { replaces: true, isNotRefreshed: true },
    readReplication: { isComputed: true },
  },
  outputs: ["uuid", "createdAt", "fileSize", "numTables", "version"],
  stableOutputs: ["uuid"],
  calls: {
    create: "POST /accounts/{accountId}/d1/database",
    read: "GET /accounts/{accountId}/d1/database/{id}",
    update: "PUT /accounts/{accountId}/d1/database/{id}",
    delete: "DELETE /accounts/{accountId}/d1/database/{id}",
  },
  id: "uuid",
  importId: ["accountId", "uuid"],
});
