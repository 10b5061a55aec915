import { defineJsonResource } from "../json-resource.ts";

export const workersRoute = defineJsonResource({
  inputs: {
    zoneId: { required: true, inPath: true, replaces: true },
    pattern: { required: true },
    script: {},
  },
  outputs: [],
  calls: {
    create: "POST /zones/{zoneId}/workers/routes",
    read: "GET /zones/{zoneId}/workers/routes/{id}",
    update: "PUT /zones/{zoneId}/workers/routes/{id}",
    delete: "DELETE /zones/{zoneId}/workers/routes/{id}",
  },
  id: "id",
  importId: ["zoneId", "id"],
});
