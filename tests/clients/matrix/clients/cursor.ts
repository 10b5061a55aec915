import type { RecordedClient } from "../recorded-client.ts";

/**
 * Cursor. It registers all its addresses at once.
 * Source: erp-mafia/accounted #2225, bytebase/bytebase #20510, different-ai/openwork #3059. It does
 * not publish its revision of the protocol; the newest of its era is replayed.
 */
const editor = {
  name: "Cursor",
  registration: {
    way: "DCR",
    body: {
      client_name: "Cursor",
      redirect_uris: [
        "cursor://anysphere.cursor-mcp/oauth/callback",
        "https://www.cursor.com/agents/mcp/oauth/callback",
        "http://localhost:8787/callback",
      ],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
    },
  },
  endpoint: "/mcp",
  scope: { from: "resource" },
  sendsResource: true,
  authentication: "none",
  speech: {
    opening: "initialize",
    version: "2025-11-25",
    capabilities: { roots: {}, elicitation: {} },
  },
} as const;

/** The ways in which Cursor connects. */
export const cursor: readonly RecordedClient[] = [
  {
    ...editor,
    note: "three addresses, one of them `cursor://`",
    redirectUri: "https://www.cursor.com/agents/mcp/oauth/callback",
    outcome: { granted: "demo:use demo:profile" },
  },
  {
    ...editor,
    note: "on this machine",
    redirectUri: "http://localhost:8787/callback",
    outcome: { granted: "demo:use demo:profile" },
  },
  {
    ...editor,
    note: "older: back to `cursor://`, which another program could claim",
    redirectUri: "cursor://anysphere.cursor-mcp/oauth/callback",
    outcome: { refusal: /redirect/i },
  },
];
