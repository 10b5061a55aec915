import { defineJsonResource } from "../json-resource.ts";

/** Not in the recorded traffic: from the sources of the provider. */
export const r2Bucket = defineJsonResource({
  inputs: {
    accountId: { required: true, inPath: true, replaces: true },
    name: { required: true, replaces: true },
    // The API answers with another name than it takes, so the provider never reads it back.
    location: { isComputed: true, replaces: true, isNotRefreshed: true },
    // It travels in a header.
    jurisdiction: { isLocal: true, replaces: true, default: "default" },
    storageClass: { isNotRefreshed: true, default: "Standard" },
  },
  outputs: ["creationDate"],
  stableOutputs: ["creationDate"],
  calls: {
    create: "POST /accounts/{accountId}/r2/buckets",
    read: "GET /accounts/{accountId}/r2/buckets/{name}",
    update: "PATCH /accounts/{accountId}/r2/buckets/{name}",
    delete: "DELETE /accounts/{accountId}/r2/buckets/{name}",
  },
  id: "name",
  importId: ["accountId", "name", "jurisdiction"],
  wireNames: { location: "locationHint", storageClass: "storageClass" },
  headers: ({ jurisdiction = "default" }) => ({ "cf-r2-jurisdiction": String(jurisdiction) }),
});
