import type { RecordedClient } from "../recorded-client.ts";

/**
 * Claude Code, on the person's own machine.
 * Source: its document as it was on 2026-09-24 (2.1.281); elmohq/elmo #684; metabase/metabase #82452.
 */
const local = {
  name: "Claude Code",
  endpoint: "/mcp",
  sendsResource: true,
  authentication: "none",
  speech: {
    opening: "initialize",
    version: "2025-11-25",
    capabilities: { roots: {}, elicitation: {} },
  },
  headers: { "user-agent": "claude-code/2.1.281 (cli)" },
} as const;

/** The ways in which Claude Code connects. */
export const claudeCode: readonly RecordedClient[] = [
  {
    ...local,
    note: "the document names no port; the client takes any",
    registration: {
      way: "CIMD",
      url: "https://claude.ai/oauth/claude-code-client-metadata",
      document: {
        client_name: "Claude Code",
        client_uri: "https://claude.ai",
        redirect_uris: ["http://localhost/callback", "http://127.0.0.1/callback"],
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
        token_endpoint_auth_method: "none",
      },
    },
    redirectUri: "http://localhost:52346/callback",
    scope: { from: "resource" },
    outcome: { granted: "demo:use demo:profile" },
  },
  {
    ...local,
    note: "`oauth.scopes` set in its configuration",
    registration: {
      way: "DCR",
      body: {
        client_name: "Claude Code (example)",
        redirect_uris: ["http://localhost:3118/callback"],
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
        token_endpoint_auth_method: "none",
        application_type: "native",
        scope: "demo:use demo:profile demo:write",
      },
    },
    // The port was taken when the person signed in again.
    redirectUri: "http://localhost:60390/callback",
    scope: { from: "itself", scope: "demo:use demo:profile demo:write" },
    outcome: { granted: "demo:use demo:profile demo:write" },
  },
];
