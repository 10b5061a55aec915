import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
  UnauthorizedError as ModernUnauthorizedError,
} from "@modelcontextprotocol/client";
import { UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { OAuthTokens } from "@modelcontextprotocol/sdk/shared/auth.js";
import type { ClientCapabilities } from "@modelcontextprotocol/sdk/types.js";
import { expect } from "vitest";
import { LegacyOAuthClient, OAuthClient } from "../../support/oauth-client.ts";
import { Person } from "../../support/person.ts";
import { test } from "../../support/test.ts";

const base = "demo:use demo:profile";
const put = { name: "put", arguments: { name: "vat_rate", value: 19 } };
const get = { name: "get", arguments: { name: "vat_rate" } };
const sum = { name: "sum", arguments: { a: 2, b: 40 } };

/**
 * As Claude keeps tokens: the SDK 1.x does not see the refresh token in a step-up, where it would
 * refresh and get the same scopes again.
 */
class Claude extends LegacyOAuthClient {
  override tokens(): OAuthTokens | undefined {
    const { refresh_token: _kept, ...tokens } = super.tokens() ?? {};
    return "access_token" in tokens ? (tokens as OAuthTokens) : undefined;
  }
}

/** Connects the SDK of the initialize era, with a login. */
async function connect(url: URL, oauth: LegacyOAuthClient, capabilities: ClientCapabilities = {}) {
  const stranger = new StreamableHTTPClientTransport(url, { authProvider: oauth });
  const start = () => new Client({ name: "claude-ai", version: "0.1.0" }, { capabilities });
  await expect(start().connect(stranger)).rejects.toThrow(UnauthorizedError);
  await stranger.finishAuth(oauth.readCallback().code);
  const transport = new StreamableHTTPClientTransport(url, { authProvider: oauth });
  const client = start();
  await client.connect(transport);
  return { client, transport, [Symbol.asyncDispose]: () => client.close() };
}

const ways = [
  { path: "/mcp", email: "ada@example.com", capabilities: {}, what: "" },
  {
    path: "/mcp",
    email: "alan@example.com",
    capabilities: { elicitation: {} },
    what: " in a session",
  },
  { path: "/sse", email: "edsger@example.com", capabilities: {}, what: "" },
];

for (const { path, email, capabilities, what } of ways) {
  test(`Claude steps up at ${path}${what}, repeats the call by itself and loses nothing`, async ({
    server,
  }) => {
    const oauth = new Claude(new Person(email), "Claude");
    await using connected = await connect(new URL(path, server.origin), oauth, capabilities);
    const { client, transport } = connected;
    const session = transport.sessionId;
    expect(session === undefined).toBe(what === "");
    expect(oauth.requested).toEqual([base]);
    expect((await client.callTool(sum)).structuredContent).toEqual({ sum: 42 });

    // The person approves meanwhile.
    await expect(client.callTool(put)).rejects.toThrow(UnauthorizedError);
    expect(oauth.requested).toEqual([base, `${base} demo:write`]);
    await transport.finishAuth(oauth.readCallback().code);
    expect((await client.callTool(put)).structuredContent).toEqual({
      name: "vat_rate",
      replaced: false,
    });

    expect((await client.callTool(sum)).structuredContent).toEqual({ sum: 42 });
    const { structuredContent: me } = await client.callTool({ name: "whoami", arguments: {} });
    expect(me).toMatchObject({ scopes: ["demo:use", "demo:profile", "demo:write"] });
    // Writing includes reading: nobody is asked a third time.
    expect((await client.callTool(get)).content).toEqual([{ type: "text", text: "19" }]);
    expect(oauth.requested).toHaveLength(2);
    expect(transport.sessionId).toBe(session);
  });
}

test("Claude that needs to read first asks once more to write, and keeps both", async ({
  server,
}) => {
  const oauth = new Claude(new Person("grace@example.com"), "Claude");
  await using connected = await connect(new URL("/mcp", server.origin), oauth);
  const { client, transport } = connected;
  const list = { name: "get", arguments: {} };
  for (const call of [list, put]) {
    await expect(client.callTool(call)).rejects.toThrow(UnauthorizedError);
    await transport.finishAuth(oauth.readCallback().code);
    expect((await client.callTool(call)).isError).toBeFalsy();
  }
  expect(oauth.requested).toEqual([base, `${base} demo:read`, `${base} demo:read demo:write`]);
});

test("a client on SDK 1.x that refreshes instead is stopped after one round, and keeps what it had", async ({
  server,
}) => {
  const oauth = new LegacyOAuthClient(new Person("ada@example.com"), "Refreshing client");
  await using connected = await connect(new URL("/mcp", server.origin), oauth);
  const { client } = connected;
  await expect(client.callTool(put)).rejects.toThrow(/403 after trying upscoping/);
  expect(oauth.requested).toEqual([base]);
  expect((await client.callTool(sum)).structuredContent).toEqual({ sum: 42 });
});

for (const path of ["/mcp", "/sse"]) {
  test(`a client of the 2026-07-28 protocol steps up at ${path} with the union of scopes`, async ({
    server,
  }) => {
    const oauth = new OAuthClient(new Person("ada@example.com"), "Modern client");
    const connectModern = () => {
      const client = new ModernClient(
        { name: "modern", version: "1.0.0" },
        { versionNegotiation: { mode: { pin: "2026-07-28" } } },
      );
      const url = new URL(path, server.origin);
      const transport = new ModernTransport(url, { authProvider: oauth });
      return { client, transport, connected: client.connect(transport) };
    };
    const stranger = connectModern();
    await expect(stranger.connected).rejects.toThrow(ModernUnauthorizedError);
    await stranger.transport.finishAuth(oauth.readCallback().params);
    const { client, transport, connected } = connectModern();
    await connected;
    await using _closed = { [Symbol.asyncDispose]: () => client.close() };

    await expect(client.callTool(put)).rejects.toThrow(ModernUnauthorizedError);
    expect(oauth.requested).toEqual([base, `${base} demo:write`]);
    await transport.finishAuth(oauth.readCallback().params);
    expect((await client.callTool(put)).structuredContent).toMatchObject({ name: "vat_rate" });
    expect((await client.callTool(sum)).structuredContent).toEqual({ sum: 42 });
    expect((await client.callTool(get)).content).toEqual([{ type: "text", text: "19" }]);
    expect(oauth.requested).toHaveLength(2);
  });
}
