/**
 * The Worker that the conformance suite is run against: the product's own, with the tools, resources
 * and prompts that the suite asks for in place of the product's.
 */
import { createWorker } from "../../../worker/create-worker.ts";
import { features } from "./features.ts";

export * from "../../../worker/objects.ts";

const { handlers, McpSession } = createWorker(features);

export { McpSession };

export default handlers;
