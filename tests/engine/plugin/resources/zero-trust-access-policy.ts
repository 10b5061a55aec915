import { defineJsonResource } from "../json-resource.ts";

/** Not in the recorded traffic: from the sources of the provider. */
export const zeroTrustAccessPolicy = defineJsonResource({
  inputs: {
    accountId: { required: true, inPath: true, replaces: true },
    name: { required: true },
    decision: { required: true },
    includes: {},
    excludes: {},
    requires: {},
    approvalGroups: {},
    approvalRequired: {},
    connectionRules: {},
    isolationRequired: {},
    mfaConfig: {},
    purposeJustificationPrompt: {},
    purposeJustificationRequired: {},
    sessionDuration: { isComputed: true },
  },
  outputs: ["appCount", "createdAt", "reusable", "updatedAt"],
  stableOutputs: ["createdAt"],
  calls: {
    create: "POST /accounts/{accountId}/access/policies",
    read: "GET /accounts/{accountId}/access/policies/{id}",
    update: "PUT /accounts/{accountId}/access/policies/{id}",
    delete: "DELETE /accounts/{accountId}/access/policies/{id}",
  },
  id: "id",
  importId: ["accountId", "id"],
  // Pulumi's lists have plural names.
  wireNames: { includes: "include", excludes: "exclude", requires: "require" },
});
