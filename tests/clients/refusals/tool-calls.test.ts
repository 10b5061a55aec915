import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { expect } from "vitest";
import { OAuthApp } from "../../support/oauth-app.ts";
import { Person } from "../../support/person.ts";
import { test } from "../../support/test.ts";

test("a call that cannot be answered says why and never fails the server", async ({ server }) => {
  const app = await OAuthApp.register(server.origin);
  const { accessToken } = await app.logIn(new Person("ada@example.com"));
  const client = new Client({ name: "clumsy", version: "1.0.0" });
  await using _closed = { [Symbol.asyncDispose]: () => client.close() };
  await client.connect(
    new StreamableHTTPClientTransport(new URL("/mcp", server.origin), {
      requestInit: { headers: { authorization: `Bearer ${accessToken}` } },
    }),
  );
  const sum = (args: Record<string, unknown>) => client.callTool({ name: "sum", arguments: args });

  for (const args of [{}, { a: 1 }, { a: "1", b: 2 }, { a: null, b: 2 }, { a: [1], b: {} }]) {
    const result = await sum(args);
    expect(result, JSON.stringify(args)).toMatchObject({ isError: true });
    expect(JSON.stringify(result.content)).toMatch(/expected number/i);
  }
  expect(await sum({ a: 1e308, b: 1e308 })).toMatchObject({
    isError: true,
    content: [{ text: expect.stringContaining("too large") }],
  });
  await expect(client.callTool({ name: "subtract", arguments: {} })).rejects.toThrow(/subtract/);
  expect(await sum({ a: 0.1, b: -0.1 })).toMatchObject({ structuredContent: { sum: 0 } });
  expect(server.requests.filter((line) => /"status":5\d\d/.test(line))).toEqual([]);
});
