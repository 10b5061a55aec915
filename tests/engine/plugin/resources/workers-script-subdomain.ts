import { defineJsonResource } from "../json-resource.ts";

export const workersScriptSubdomain = defineJsonResource({
  inputs: {
    accountId: { required: true, inPath: true, replaces: true },
    scriptName: { required: true, inPath: true, replaces: true },
    enabled: { required: true },
    previewsEnabled: { isComputed: true },
  },
  outputs: [],
  calls: {
    create: "POST /accounts/{accountId}/workers/scripts/{scriptName}/subdomain",
    read: "GET /accounts/{accountId}/workers/scripts/{scriptName}/subdomain",
    update: "POST /accounts/{accountId}/workers/scripts/{scriptName}/subdomain",
    delete: "DELETE /accounts/{accountId}/workers/scripts/{scriptName}/subdomain",
  },
  // Not the script: every script of an account has the same id.
  id: "accountId",
  idInState: "scriptName",
  isUnversioned: true,
  importId: ["accountId", "scriptName"],
});
