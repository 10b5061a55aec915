import { expect } from "vitest";
import { connectWithLogin } from "../support/connect.ts";
import { OAuthClient } from "../support/oauth-client.ts";
import { Person } from "../support/person.ts";
import { test } from "../support/test.ts";
import { toolNames } from "../support/tool-names.ts";

for (const path of ["/mcp", "/sse"]) {
  test(`a client of the 2026-07-28 protocol logs in and uses the tools at ${path}`, async ({
    server,
  }) => {
    const person = new Person("Ada@Example.com");
    const oauth = new OAuthClient(person, "Modern client");
    await using client = await connectWithLogin(new URL(path, server.origin), oauth);
    expect(client.getProtocolEra()).toBe("modern");
    expect(client.getNegotiatedProtocolVersion()).toBe("2026-07-28");
    expect(client.getServerVersion()?.name).toBe("example");

    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(toolNames);

    const sum = await client.callTool({ name: "sum", arguments: { a: 2, b: 40.5 } });
    expect(sum.structuredContent).toEqual({ sum: 42.5 });
    expect(sum.content).toEqual([{ type: "text", text: "42.5" }]);

    const { structuredContent: me } = await client.callTool({ name: "whoami", arguments: {} });
    expect(me).toMatchObject({
      email: "ada@example.com",
      identityMethod: "demo",
      clientId: oauth.clientInformation()?.client_id,
      scopes: ["demo:use", "demo:profile"],
    });
  });
}
