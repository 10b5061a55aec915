import type { RecordedClient } from "../recorded-client.ts";

/**
 * The MCP Inspector. It asks for `offline_access`, and the consent page with it, wherever that is to
 * be had.
 * Source: its package, 2.12.0. The program itself runs in `inspector-cli.test.ts` and
 * `tests/cloud/headline.test.ts`.
 */
const body = {
  client_name: "MCP Inspector",
  client_uri: "https://github.com/modelcontextprotocol/inspector",
  token_endpoint_auth_method: "none",
  grant_types: ["authorization_code", "refresh_token"],
  response_types: ["code"],
  scope: "",
  application_type: "native",
};

const debuggerOfServers = {
  name: "MCP Inspector",
  endpoint: "/mcp",
  scope: { from: "challenge", plus: "offline_access" },
  sendsResource: true,
  query: { prompt: "consent" },
  authentication: "none",
  outcome: { granted: "demo:use demo:profile" },
} as const;

/** The ways in which the Inspector connects. */
export const inspector: readonly RecordedClient[] = [
  {
    ...debuggerOfServers,
    note: "web page: `prompt=consent`, and an `Origin`",
    registration: {
      way: "DCR",
      body: { ...body, redirect_uris: ["http://localhost:6274/oauth/callback"] },
    },
    redirectUri: "http://localhost:6274/oauth/callback",
    speech: { opening: "server/discover", version: "2026-07-28" },
    headers: { origin: "http://localhost:6274" },
  },
  {
    ...debuggerOfServers,
    note: "command line",
    registration: {
      way: "DCR",
      body: { ...body, redirect_uris: ["http://127.0.0.1:6276/oauth/callback"] },
    },
    redirectUri: "http://127.0.0.1:6276/oauth/callback",
    speech: { opening: "initialize", version: "2025-11-25" },
  },
];
