/** An MCP server that anybody might write with the OAuth library and nothing of this project. */
import { OAuthProvider } from "@cloudflare/workers-oauth-provider";
import type { ExecutionContext, KVNamespace } from "@cloudflare/workers-types";

interface Env {
  readonly OAUTH_KV: KVNamespace;
  readonly ORIGIN: string;
}

export default {
  fetch(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
    const provider = new OAuthProvider<Env>({
      apiRoute: "/mcp",
      apiHandler: { fetch: async () => Response.json({ jsonrpc: "2.0", id: 1, result: {} }) },
      authorizeEndpoint: "/authorize",
      tokenEndpoint: "/token",
      clientRegistrationEndpoint: "/register",
      resourceMetadata: { resource: `${env.ORIGIN}/mcp` },
      scopesSupported: ["notes"],
      refreshTokenTTL: 86_400,
      defaultHandler: { fetch: async () => new Response("Not found", { status: 404 }) },
    });
    return provider.fetch(request, env, ctx);
  },
};
