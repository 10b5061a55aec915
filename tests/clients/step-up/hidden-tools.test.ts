import { test as base, expect } from "vitest";
import { readChallenge } from "../../support/challenge.ts";
import { connectLegacy, connectModern } from "../../support/connect.ts";
import { postMessage, toToolCall } from "../../support/mcp-by-hand.ts";
import { OAuthApp } from "../../support/oauth-app.ts";
import { Person } from "../../support/person.ts";
import { startStackServer } from "../../support/stack-server.ts";

const test = base.extend(
  "server",
  { scope: "file" },
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what is needed.
  async ({}, { onCleanup }) => {
    const server = await startStackServer({ settings: { hideUngrantedTools: "true" } });
    onCleanup(() => server[Symbol.asyncDispose]());
    return server;
  },
);

const ways = {
  "a client of the 2026-07-28 protocol": (origin: string, token: string) =>
    connectModern(origin, token),
  "a client of the initialize era": (origin: string, token: string) =>
    connectLegacy(origin, token, "legacy"),
  "a client in a session": (origin: string, token: string) =>
    connectLegacy(origin, token, "legacy", { elicitation: {} }),
};

for (const [name, connect] of Object.entries(ways)) {
  test(`${name} sees only what its token allows, where the stack hides the rest`, async ({
    server,
  }) => {
    const app = await OAuthApp.register(server.origin);
    const person = new Person("ada@example.com");
    const list = async (scope: string) => {
      const { accessToken } = await app.logIn(person, { scope });
      await using client = await connect(server.origin, accessToken);
      // Nothing keeps a stream open on which a change could be told.
      expect(client.getServerCapabilities()?.tools).toEqual({ listChanged: false });
      return (await client.listTools()).tools.map((tool) => tool.name);
    };
    expect(await list("demo:profile")).toEqual(["whoami"]);
    expect(await list("demo:profile demo:read")).toEqual(["get", "export_my_data", "whoami"]);
    // Writing includes reading.
    expect(await list("demo:write")).toEqual([
      "put",
      "get",
      "drop",
      "export_my_data",
      "delete_my_data",
    ]);
  });
}

test("a hidden tool that is called all the same is refused with what it needs", async ({
  server,
}) => {
  const app = await OAuthApp.register(server.origin);
  const { accessToken } = await app.logIn(new Person("ada@example.com"));
  const call = toToolCall("put", { name: "a", value: 1 });
  const refused = await postMessage(`${server.origin}/mcp`, accessToken, call);
  expect(refused.status).toBe(403);
  expect(readChallenge(refused).scope).toBe("demo:use demo:profile demo:write");
});
