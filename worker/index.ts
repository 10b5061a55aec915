/** Entry of the Worker: every request and every cron run comes in here. */
import { createWorker } from "./create-worker.ts";
import { ownFeatures } from "./features.ts";
import icon from "./pages/icon.svg?raw";

export * from "./objects.ts";

const { handlers, McpSession } = createWorker(ownFeatures, icon);

export { McpSession };

export default handlers;
