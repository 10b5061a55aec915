/** Entry of the Worker: every request and every cron run comes in here. */
import { createWorker } from "./create-worker.ts";
import { ownFeatures } from "./features.ts";

export { McpSession } from "./mcp/session.ts";
export { Throttle } from "./oauth/limits/throttle.ts";
export { PurgeRun } from "./oauth/purge-run.ts";
export { TokenGate } from "./oauth/token-gate.ts";
export { Transaction } from "./oauth/transactions/transaction.ts";
export { PersonState } from "./state/person-state.ts";

export default createWorker(ownFeatures);
