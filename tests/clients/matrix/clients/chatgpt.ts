import type { RecordedClient } from "../recorded-client.ts";

/**
 * ChatGPT on the web and in its apps.
 * Source: developers.openai.com/plugins/build/auth; its documents as they were in May and August
 * 2026 (Altinity/altinity-mcp #118, gamedevpl/www.gamedev.pl #641); metabase/metabase #82452.
 */
const document = {
  client_name: "ChatGPT",
  client_uri: "https://chatgpt.com/",
  grant_types: ["authorization_code", "refresh_token"],
  response_types: ["code"],
  token_endpoint_auth_method: "private_key_jwt",
  token_endpoint_auth_methods_supported: ["none", "private_key_jwt"],
  token_endpoint_auth_signing_alg: "RS256",
  jwks_uri: "https://chatgpt.com/oauth/jwks.json",
};

const stableRedirectUri = "https://chatgpt.com/connector_platform_oauth_redirect";

const cloud = {
  name: "ChatGPT",
  endpoint: "/mcp",
  sendsResource: true,
  headers: { "user-agent": "openai-mcp/1.0.0" },
  outcome: { granted: "demo:use demo:profile" },
} as const;

/** The ways in which ChatGPT connects. */
export const chatgpt: readonly RecordedClient[] = [
  {
    ...cloud,
    note: "signs its token requests",
    registration: {
      way: "CIMD",
      url: "https://chatgpt.com/oauth/client.json",
      document: { ...document, redirect_uris: [stableRedirectUri] },
    },
    redirectUri: stableRedirectUri,
    scope: { from: "challenge" },
    authentication: "private_key_jwt",
    speech: { opening: "server/discover", version: "2026-07-28" },
  },
  {
    ...cloud,
    note: "does not sign; a document for each connector",
    registration: {
      way: "CIMD",
      url: "https://chatgpt.com/oauth/kDmjx77UnKOM/client.json",
      document: {
        ...document,
        redirect_uris: ["https://chatgpt.com/connector/oauth/kDmjx77UnKOM"],
      },
    },
    redirectUri: "https://chatgpt.com/connector/oauth/kDmjx77UnKOM",
    scope: { from: "challenge", plus: "offline_access" },
    authentication: "none",
    speech: { opening: "initialize", version: "2025-11-25" },
  },
  {
    ...cloud,
    note: "registers no scope and asks for some",
    registration: {
      way: "DCR",
      body: {
        client_name: "ChatGPT",
        redirect_uris: [stableRedirectUri],
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
        token_endpoint_auth_method: "none",
        application_type: "web",
      },
    },
    redirectUri: stableRedirectUri,
    scope: { from: "challenge" },
    authentication: "none",
    speech: { opening: "server/discover", version: "2026-07-28" },
  },
];
