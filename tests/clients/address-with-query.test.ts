import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { expect } from "vitest";
import { connectLegacyWithLogin, connectWithLogin } from "../support/connect.ts";
import { LegacyOAuthClient, OAuthClient } from "../support/oauth-client.ts";
import { Person } from "../support/person.ts";
import { test } from "../support/test.ts";
import { toolNames } from "../support/tool-names.ts";

// A client that keeps an old list of tools asks anew at an address it does not know:
// claude-ai-mcp#137, and "Old tools" in docs/runbook.md.

for (const path of ["/mcp?v=2", "/sse?v=2"]) {
  test(`a client of the 2026-07-28 protocol logs in and calls at ${path}`, async ({ server }) => {
    const oauth = new OAuthClient(new Person("ada@example.com"), "Modern client");
    await using client = await connectWithLogin(new URL(path, server.origin), oauth);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(toolNames);
  });
}

for (const [path, Transport] of [
  ["/mcp?v=2", StreamableHTTPClientTransport],
  ["/sse?v=2", SSEClientTransport],
] as const) {
  test(`a client of the initialize era logs in and calls at ${path}`, async ({ server }) => {
    const oauth = new LegacyOAuthClient(new Person("ada@example.com"), "Legacy client");
    const url = new URL(path, server.origin);
    await using client = await connectLegacyWithLogin(url, oauth, Transport);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(toolNames);
  });
}
