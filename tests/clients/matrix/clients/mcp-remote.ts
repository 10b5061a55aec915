import type { RecordedClient } from "../recorded-client.ts";

/**
 * mcp-remote, the bridge for hosts that start a program: Claude Desktop's configuration file.
 * Source: its package, 0.15.1; cloudflare/mcp-server-cloudflare #457 (scopes of OpenID Connect). The
 * program itself runs in `mcp-remote.test.ts`.
 */
const bridge = {
  name: "mcp-remote",
  registration: {
    way: "DCR",
    body: {
      client_name: "MCP CLI Proxy",
      client_uri: "https://github.com/punkpeye/mcp-remote",
      software_id: "2e6dc280-f3c3-4e01-99a7-8181dbd1d23d",
      software_version: "0.15.1",
      redirect_uris: ["http://localhost:3335/oauth/callback"],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
      application_type: "native",
    },
  },
  redirectUri: "http://localhost:3335/oauth/callback",
  sendsResource: true,
  authentication: "none",
  outcome: { granted: "demo:use demo:profile" },
} as const;

/** The ways in which mcp-remote connects. */
export const mcpRemote: readonly RecordedClient[] = [
  {
    ...bridge,
    note: "",
    endpoint: "/mcp",
    scope: { from: "challenge" },
    speech: { opening: "initialize", version: "2025-11-25" },
  },
  {
    ...bridge,
    note: "`--transport sse-only`, older: scopes of OpenID Connect",
    endpoint: "/sse",
    scope: { from: "itself", scope: "openid email profile" },
    speech: { opening: "HTTP+SSE", version: "2024-11-05" },
  },
];
