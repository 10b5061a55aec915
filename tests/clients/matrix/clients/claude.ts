import type { RecordedClient } from "../recorded-client.ts";

/**
 * Claude on the web, in the desktop and mobile apps. All of it comes from Anthropic's cloud.
 * Source: claude.com/docs/connectors/building/authentication; the document as it was on 2026-08-14;
 * anthropics/claude-ai-mcp #124 (`scope=claudeai`).
 */
const redirectUri = "https://claude.ai/api/mcp/auth_callback";

const cloud = {
  name: "Claude (hosted)",
  redirectUri,
  endpoint: "/mcp",
  sendsResource: true,
  authentication: "none",
  speech: { opening: "initialize", version: "2025-11-25" },
  headers: { "user-agent": "Claude-User" },
  outcome: { granted: "demo:use demo:profile" },
} as const;

const registrationBody = {
  client_name: "Claude",
  redirect_uris: [redirectUri],
  grant_types: ["authorization_code", "refresh_token"],
  response_types: ["code"],
};

/** The ways in which hosted Claude connects. */
export const claude: readonly RecordedClient[] = [
  {
    ...cloud,
    note: "the document names a grant type that is not ours",
    registration: {
      way: "CIMD",
      url: "https://claude.ai/oauth/mcp-oauth-client-metadata",
      document: {
        client_name: "Claude",
        client_uri: "https://claude.ai",
        redirect_uris: [redirectUri, "https://claude.com/api/mcp/auth_callback"],
        grant_types: [
          "authorization_code",
          "refresh_token",
          "urn:ietf:params:oauth:grant-type:jwt-bearer",
        ],
        response_types: ["code"],
        token_endpoint_auth_method: "none",
      },
    },
    scope: { from: "challenge" },
  },
  {
    ...cloud,
    note: "old address, a scope of its own",
    endpoint: "/sse",
    registration: {
      way: "DCR",
      body: { ...registrationBody, token_endpoint_auth_method: "none", scope: "claudeai" },
    },
    scope: { from: "itself", scope: "claudeai" },
  },
  {
    ...cloud,
    note: "id and secret typed in",
    registration: {
      way: "pre-registered",
      body: { ...registrationBody, token_endpoint_auth_method: "client_secret_post" },
    },
    scope: { from: "challenge" },
    authentication: "client_secret_post",
  },
];
