import type { RecordedClient } from "../recorded-client.ts";

/**
 * VS Code.
 * Source: microsoft/vscode src/vs/base/common/oauth.ts; its document as it was in summer 2026; an
 * authorization request as a server logged it in March 2026.
 */
const deviceCode = "urn:ietf:params:oauth:grant-type:device_code";

const editor = {
  name: "VS Code",
  endpoint: "/mcp",
  scope: { from: "challenge" },
  sendsResource: true,
  authentication: "none",
  speech: {
    opening: "initialize",
    version: "2025-11-25",
    capabilities: { roots: { listChanged: true }, sampling: {}, elicitation: {} },
  },
  outcome: { granted: "demo:use demo:profile" },
} as const;

/** The ways in which VS Code connects. */
export const vsCode: readonly RecordedClient[] = [
  {
    ...editor,
    note: "the document names a grant type that is not ours",
    registration: {
      way: "CIMD",
      url: "https://vscode.dev/oauth/client-metadata.json",
      document: {
        client_name: "Visual Studio Code",
        logo_uri: "https://code.visualstudio.com/assets/branding/code-stable.png",
        grant_types: ["authorization_code", "refresh_token", deviceCode],
        response_types: ["code"],
        token_endpoint_auth_method: "none",
        application_type: "native",
        client_uri: "https://vscode.dev/product",
        redirect_uris: ["http://127.0.0.1:33418/", "https://vscode.dev/redirect"],
      },
    },
    redirectUri: "http://127.0.0.1:33418/",
  },
  {
    ...editor,
    note: "leaves out the grant types that the server does not list",
    registration: {
      way: "DCR",
      body: {
        client_name: "Visual Studio Code",
        client_uri: "https://code.visualstudio.com",
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
        redirect_uris: [
          "https://insiders.vscode.dev/redirect",
          "https://vscode.dev/redirect",
          "http://127.0.0.1/",
          "http://127.0.0.1:33418/",
        ],
        scope: "demo:use demo:profile",
        token_endpoint_auth_method: "none",
        application_type: "native",
      },
    },
    redirectUri: "https://vscode.dev/redirect",
  },
];
