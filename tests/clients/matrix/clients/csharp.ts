import type { RecordedClient } from "../recorded-client.ts";

/**
 * Programs written with the C# SDK, `ModelContextProtocol`.
 * Source: its ClientOAuthProvider.cs in 2026; csharp-sdk#1612, csharp-sdk#1615. It authenticates by the
 * first method of the server's metadata, whatever it registered, whether it has a secret or not.
 */
const sdk = {
  name: "C# SDK",
  endpoint: "/mcp",
  redirectUri: "http://localhost:1179/callback",
  sendsResource: true,
  scope: { from: "challenge" },
  authentication: "the first of the metadata",
  speech: { opening: "initialize", version: "2025-11-25" },
  outcome: { granted: "demo:use demo:profile" },
} as const;

/** The ways in which the C# SDK connects. */
export const csharp: readonly RecordedClient[] = [
  {
    ...sdk,
    note: "takes the first method of the metadata, with an empty secret",
    registration: {
      way: "CIMD",
      url: "https://csharp.example.com/client.json",
      document: {
        client_name: "A C# program",
        redirect_uris: [sdk.redirectUri],
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
        token_endpoint_auth_method: "none",
      },
    },
  },
  {
    ...sdk,
    note: "registers `client_secret_post`, and takes the first method of the metadata",
    registration: {
      way: "DCR",
      body: {
        client_name: "A C# program",
        client_uri: null,
        redirect_uris: [sdk.redirectUri],
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
        token_endpoint_auth_method: "client_secret_post",
        scope: "demo:use demo:profile",
      },
    },
  },
];
