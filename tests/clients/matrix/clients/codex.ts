import type { RecordedClient } from "../recorded-client.ts";

/**
 * Codex, the command line.
 * Source: openai/codex #24890 (no `resource`), #8889 (no `scope`), #35253 and metabase/metabase
 * #82452 (scopes of the authorization server); its document as it was in summer 2026.
 */
const terminal = {
  name: "Codex",
  endpoint: "/mcp",
  authentication: "none",
  speech: { opening: "initialize", version: "2025-06-18" },
} as const;

/** The ways in which Codex connects. */
export const codex: readonly RecordedClient[] = [
  {
    ...terminal,
    note: "asks for every scope at once",
    registration: {
      way: "CIMD",
      url: "https://chatgpt.com/oauth/codex/client.json",
      document: {
        client_name: "Codex",
        client_uri: "https://chatgpt.com/codex",
        application_type: "native",
        redirect_uris: ["http://127.0.0.1/callback", "http://localhost/callback"],
        token_endpoint_auth_method: "none",
        token_endpoint_auth_methods_supported: ["none"],
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
      },
    },
    redirectUri: "http://127.0.0.1:57585/callback",
    scope: { from: "authorization server" },
    sendsResource: true,
    outcome: { granted: "demo:use demo:profile demo:read demo:write" },
  },
  {
    ...terminal,
    note: "older: no `resource`, no `scope`",
    registration: {
      way: "DCR",
      body: {
        client_name: "Codex",
        redirect_uris: ["http://127.0.0.1:37819/callback/Zm9vYmFyYmF6"],
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
        token_endpoint_auth_method: "none",
        application_type: "native",
      },
    },
    redirectUri: "http://127.0.0.1:37819/callback/Zm9vYmFyYmF6",
    scope: { from: "nowhere" },
    sendsResource: false,
    outcome: { granted: "demo:use demo:profile" },
  },
];
