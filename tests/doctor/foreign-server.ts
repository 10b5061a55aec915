import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { DemoInMemoryAuthProvider } from "@modelcontextprotocol/sdk/examples/server/demoInMemoryOAuthProvider.js";
import { InvalidTokenError } from "@modelcontextprotocol/sdk/server/auth/errors.js";
import { requireBearerAuth } from "@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js";
import {
  getOAuthProtectedResourceMetadataUrl,
  mcpAuthRouter,
} from "@modelcontextprotocol/sdk/server/auth/router.js";
import type { AuthInfo } from "@modelcontextprotocol/sdk/server/auth/types.js";
import { createMcpExpressApp } from "@modelcontextprotocol/sdk/server/express.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";

/** An MCP server with OAuth that is not this project's. */
export interface ForeignServer extends AsyncDisposable {
  readonly origin: string;
  /** Address of its one endpoint. */
  readonly url: string;
}

/**
 * Starts the server that the SDK's own parts make: its authorization router with its demo provider,
 * which signs in everybody, its bearer check and its transport, at a path of its own.
 */
export async function startForeignServer(path = "/api/assistant"): Promise<ForeignServer> {
  const app = createMcpExpressApp();
  const listener = app.listen(0, "localhost");
  await once(listener, "listening");
  const origin = `http://localhost:${(listener.address() as AddressInfo).port}`;
  const resourceServerUrl = new URL(path, origin);
  const provider = new Provider();
  app.use(
    mcpAuthRouter({
      provider,
      issuerUrl: new URL(origin),
      resourceServerUrl,
      scopesSupported: ["assistant:use"],
    }),
  );
  const bearer = requireBearerAuth({
    verifier: provider,
    requiredScopes: ["assistant:use"],
    resourceMetadataUrl: getOAuthProtectedResourceMetadataUrl(resourceServerUrl),
  });
  app.post(path, bearer, async (request, response) => {
    const server = new McpServer({ name: "foreign", version: "1.0.0" });
    server.registerTool("hello", { description: "Says hello." }, () => ({
      content: [{ type: "text", text: "Hello" }],
    }));
    const transport = new StreamableHTTPServerTransport({});
    response.on("close", () => void server.close());
    await server.connect(transport);
    await transport.handleRequest(request, response, request.body);
  });
  return {
    origin,
    url: resourceServerUrl.href,
    async [Symbol.asyncDispose]() {
      listener.close();
      listener.closeAllConnections();
      await once(listener, "close");
    },
  };
}

/** The demo provider throws a plain error for a token it does not know, which makes a 500 of it. */
class Provider extends DemoInMemoryAuthProvider {
  override async verifyAccessToken(token: string): Promise<AuthInfo> {
    try {
      return await super.verifyAccessToken(token);
    } catch {
      throw new InvalidTokenError("No such token.");
    }
  }
}
