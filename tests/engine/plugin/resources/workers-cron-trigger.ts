import { defineJsonResource } from "../json-resource.ts";

/** Nothing deletes the schedules of a script but the end of the script. */
export const workersCronTrigger = defineJsonResource({
  inputs: {
    accountId: { required: true, inPath: true, replaces: true },
    scriptName: { required: true, inPath: true, replaces: true },
    schedules: { required: true, isNotRefreshed: true, filledIn: ["createdOn", "modifiedOn"] },
  },
  outputs: [],
  calls: {
    create: "PUT /accounts/{accountId}/workers/scripts/{scriptName}/schedules",
    read: "GET /accounts/{accountId}/workers/scripts/{scriptName}/schedules",
    update: "PUT /accounts/{accountId}/workers/scripts/{scriptName}/schedules",
  },
  id: "scriptName",
  importId: ["accountId", "scriptName"],
  toBody: ({ schedules = [] }) => schedules,
});
