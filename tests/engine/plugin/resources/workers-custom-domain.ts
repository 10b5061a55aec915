import { defineJsonResource } from "../json-resource.ts";

export const workersCustomDomain = defineJsonResource({
  inputs: {
    accountId: { required: true, inPath: true, replaces: true },
    hostname: { required: true, replaces: true },
    service: { required: true, replaces: true },
    zoneId: { isComputed: true, replaces: true },
    zoneName: { isComputed: true, replaces: true },
    environment: { isComputed: true, replaces: true },
  },
  outputs: ["certId"],
  calls: {
    create: "PUT /accounts/{accountId}/workers/domains",
    read: "GET /accounts/{accountId}/workers/domains/{id}",
    delete: "DELETE /accounts/{accountId}/workers/domains/{id}",
  },
  id: "id",
  importId: ["accountId", "id"],
});
