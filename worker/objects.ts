/** The Durable Object classes that know nothing of tools. `McpSession` is made with the features. */
export { Throttle } from "./oauth/limits/throttle.ts";
export { PurgeRun } from "./oauth/purge-run.ts";
export { TokenGate } from "./oauth/token-gate.ts";
export { Transaction } from "./oauth/transactions/transaction.ts";
export { PersonState } from "./state/person-state.ts";
