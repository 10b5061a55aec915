/**
 * The Worker that the conformance suite is run against: the product's own, with the tools, resources
 * and prompts that the suite asks for in place of the product's.
 */
import { createWorker } from "../../../worker/create-worker.ts";
import { McpSession as ProductSession } from "../../../worker/mcp/session.ts";
import { features } from "./features.ts";

export { Throttle } from "../../../worker/oauth/limits/throttle.ts";
export { PurgeRun } from "../../../worker/oauth/purge-run.ts";
export { TokenGate } from "../../../worker/oauth/token-gate.ts";
export { Transaction } from "../../../worker/oauth/transactions/transaction.ts";
export { PersonState } from "../../../worker/state/person-state.ts";

/** The product's sessions, which offer what this Worker offers. */
export class McpSession extends ProductSession {
  protected override readonly features = features;
}

export default createWorker(features);
