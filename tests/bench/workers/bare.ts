/** The bare SDK: no token, no storage. */
import { createMcpHandler } from "agents/mcp/server";
import { createSumServer } from "./sum-server.ts";

const handler = createMcpHandler(createSumServer);

export default { fetch: handler };
