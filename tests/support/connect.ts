import {
  type ClientCapabilities,
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
  UnauthorizedError,
} from "@modelcontextprotocol/client";
import { UnauthorizedError as LegacyUnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";
import { Client as LegacyClient } from "@modelcontextprotocol/sdk/client/index.js";
import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { expect } from "vitest";
import { scopes } from "../fixture/scopes.ts";
import { OAuthApp } from "./oauth-app.ts";
import type { LegacyOAuthClient, OAuthClient } from "./oauth-client.ts";
import type { Person } from "./person.ts";

/** Every scope of the fixture. */
export const everyScope = Object.keys(scopes).join(" ");

/** How a client reaches the server. */
export type Way = "modern" | "legacy" | "sse";

/** Every way, to run a test over each. */
export const everyWay: readonly Way[] = ["modern", "legacy", "sse"];

/** Path of the endpoint a way uses. */
function pathOf(way: Way): string {
  return way === "sse" ? "/sse" : "/mcp";
}

/** Logs a person in at a client of its own, with every scope. @returns the access token. */
export async function logIn(origin: string, person: Person, way: Way): Promise<string> {
  const app = await OAuthApp.register(origin);
  const login = await app.logIn(person, { path: pathOf(way), scope: everyScope });
  return login.accessToken;
}

/** Connects a client of the 2026-07-28 protocol. */
export async function connectModern(
  origin: string,
  token: string,
  capabilities: ClientCapabilities = {},
) {
  const client = new ModernClient(
    { name: "modern", version: "1.0.0" },
    { capabilities, versionNegotiation: { mode: { pin: "2026-07-28" } } },
  );
  const headers = { authorization: `Bearer ${token}` };
  const transport = new ModernTransport(new URL("/mcp", origin), { requestInit: { headers } });
  await client.connect(transport);
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.close() });
}

/**
 * Connects a client of the 2026-07-28 protocol that logs its person in first, unless it has tokens
 * already: it is refused as a stranger, sends them to the server, and comes back with the code.
 */
export async function connectWithLogin(url: URL, oauth: OAuthClient) {
  const open = () => {
    const client = new ModernClient(
      { name: "modern", version: "1.0.0" },
      { versionNegotiation: { mode: { pin: "2026-07-28" } } },
    );
    return { client, transport: new ModernTransport(url, { authProvider: oauth }) };
  };
  if (oauth.tokens() === undefined) {
    const stranger = open();
    await expect(stranger.client.connect(stranger.transport)).rejects.toThrow(UnauthorizedError);
    await stranger.transport.finishAuth(oauth.readCallback().params);
    await stranger.client.close();
  }
  const { client, transport } = open();
  await client.connect(transport);
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.close() });
}

/** The same with a client of the initialize era, over Streamable HTTP or HTTP+SSE. */
export async function connectLegacyWithLogin(
  url: URL,
  oauth: LegacyOAuthClient,
  Transport: typeof StreamableHTTPClientTransport | typeof SSEClientTransport,
) {
  const open = () => {
    const client = new LegacyClient({ name: "legacy", version: "1.0.0" });
    return { client, transport: new Transport(url, { authProvider: oauth }) };
  };
  const stranger = open();
  await expect(stranger.client.connect(stranger.transport)).rejects.toThrow(
    LegacyUnauthorizedError,
  );
  await stranger.transport.finishAuth(oauth.readCallback().code);
  await stranger.client.close();
  const { client, transport } = open();
  await client.connect(transport);
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.close() });
}

/** Connects a client of the initialize era, over Streamable HTTP or HTTP+SSE. */
export async function connectLegacy(
  origin: string,
  token: string,
  way: "legacy" | "sse",
  capabilities: ClientCapabilities = {},
) {
  const client = new LegacyClient({ name: "legacy", version: "1.0.0" }, { capabilities });
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  const url = new URL(pathOf(way), origin);
  const transport =
    way === "sse"
      ? new SSEClientTransport(url, {
          requestInit,
          eventSourceInit: {
            fetch: (target, init) =>
              fetch(target, { ...init, headers: { ...init.headers, ...requestInit.headers } }),
          },
        })
      : new StreamableHTTPClientTransport(url, { requestInit });
  await client.connect(transport);
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.close() });
}
