import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { expect } from "vitest";
import { connectLegacyWithLogin } from "../support/connect.ts";
import { getStream } from "../support/mcp-by-hand.ts";
import { OAuthApp } from "../support/oauth-app.ts";
import { LegacyOAuthClient } from "../support/oauth-client.ts";
import { Person } from "../support/person.ts";
import { test } from "../support/test.ts";
import { toolNames } from "../support/tool-names.ts";

const endpoints = [
  { path: "/mcp", transport: "Streamable HTTP", Transport: StreamableHTTPClientTransport },
  { path: "/sse", transport: "HTTP+SSE", Transport: SSEClientTransport },
  { path: "/sse", transport: "Streamable HTTP", Transport: StreamableHTTPClientTransport },
] as const;

for (const { path, transport: name, Transport } of endpoints) {
  test(`a client of the initialize era logs in and uses the tools over ${name} at ${path}`, async ({
    server,
  }) => {
    const person = new Person("Grace@Example.com");
    const oauth = new LegacyOAuthClient(person, "Legacy client");
    const url = new URL(path, server.origin);
    await using client = await connectLegacyWithLogin(url, oauth, Transport);
    expect(client.getServerVersion()?.name).toBe("example");

    const { tools } = await client.listTools();
    expect(tools.map((tool) => tool.name)).toEqual(toolNames);

    const sum = await client.callTool({ name: "sum", arguments: { a: 2, b: 40.5 } });
    expect(sum.structuredContent).toEqual({ sum: 42.5 });
    expect(sum.content).toEqual([{ type: "text", text: "42.5" }]);

    const { structuredContent: me } = await client.callTool({ name: "whoami", arguments: {} });
    expect(me).toMatchObject({
      email: "grace@example.com",
      identityMethod: "demo",
      clientId: oauth.clientInformation()?.client_id,
      scopes: ["demo:use", "demo:profile"],
    });
  });
}

test("a Streamable HTTP client that asks for a stream at /sse opens no session", async ({
  server,
}) => {
  const app = await OAuthApp.register(server.origin);
  const { accessToken } = await app.logIn(new Person("ada@example.com"), { path: "/sse" });
  const ask = (headers: Record<string, string>) =>
    getStream(`${server.origin}/sse`, accessToken, headers);
  expect((await ask({ "mcp-protocol-version": "2025-11-25" })).status).toBe(405);

  // An HTTP+SSE client that comes back names its version too, and gets its stream.
  const back = await ask({ "mcp-protocol-version": "2025-11-25", "last-event-id": "3" });
  expect(back.status).toBe(200);
  await back.body?.cancel();
});
