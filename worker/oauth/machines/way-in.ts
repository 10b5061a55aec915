/**
 * Everything about machine clients that the rest of the Worker calls. A bundle without them has `worker/left-
 * out/` instead.
 */
export { answerClientCredentials, answerWorkload } from "./answer.ts";
export { addMachineGrants, type ServerMetadata } from "./metadata.ts";
export { checkMachineToken, explainMachineToken, isMachineToken } from "./token.ts";
export { listWorkloads } from "./workload.ts";
