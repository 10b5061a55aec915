/** The plain libraries: the OAuth library in front of the stateless handler. */
import { createMcpHandler } from "agents/mcp/server";
import { behindConsent } from "./consent.ts";
import { createSumServer } from "./sum-server.ts";

const handler = createMcpHandler(createSumServer);

export default behindConsent({
  path: "/mcp",
  // An object with `fetch`: the library refuses the function itself.
  handlers: {
    "/mcp": {
      fetch: (...call: Parameters<typeof handler>) => handler(...call),
    },
  },
});
