import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { expect } from "vitest";
import { colours } from "../fixture/tools/colours.ts";
import { connectLegacy, everyScope } from "../support/connect.ts";
import { startTestServer } from "../support/dev-server.ts";
import {
  getStream,
  postMessage,
  postModern,
  toInitialize,
  toToolCall,
} from "../support/mcp-by-hand.ts";
import { OAuthApp } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";
import { test as shared } from "../support/test.ts";

const forms = { elicitation: {} };

/** One server more, which may be started again. */
const test = shared.extend(
  "restarted",
  { scope: "file" },
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what is needed.
  async ({}, { onCleanup }) => {
    const server = await startTestServer();
    onCleanup(() => server[Symbol.asyncDispose]());
    return server;
  },
);

/** Opens a session by hand. @returns its id; null where the server made none. */
async function openSession(url: string, token: string, capabilities: object = forms) {
  const response = await postMessage(url, token, toInitialize(capabilities));
  expect(response.status).toBe(200);
  expect(await response.text()).toContain('"serverInfo"');
  return response.headers.get("mcp-session-id");
}

test("only a client that can be asked gets a session on Streamable HTTP", async ({ server }) => {
  const app = await OAuthApp.register(server.origin);
  const person = new Person("ada@example.com");
  for (const path of ["/mcp", "/sse"]) {
    const url = `${server.origin}${path}`;
    const { accessToken } = await app.logIn(person, { path });
    expect(await openSession(url, accessToken, {})).toBeNull();
    expect(await openSession(url, accessToken, { roots: {} })).toBeNull();
    for (const capabilities of [{ elicitation: {} }, { sampling: {} }]) {
      const id = await openSession(url, accessToken, capabilities);
      expect(id, path).toMatch(/^[0-9a-f]{64}$/);
      const headers = { "mcp-session-id": id ?? "", "mcp-protocol-version": "2025-11-25" };
      const sum = await postMessage(url, accessToken, toToolCall("sum", { a: 1, b: 2 }), headers);
      expect(await sum.text()).toContain('"sum":3');
    }
  }
});

test("a session belongs to one person, one client and one endpoint, and ends when it is deleted", async ({
  server,
}) => {
  const mcp = `${server.origin}/mcp`;
  const sse = `${server.origin}/sse`;
  const app = await OAuthApp.register(server.origin, "One client");
  const otherApp = await OAuthApp.register(server.origin, "Another client");
  const ada = new Person("ada@example.com");
  const { accessToken } = await app.logIn(ada);
  const stranger = await app.logIn(new Person("mallory@example.com"));
  const otherClient = await otherApp.logIn(ada);
  const otherEndpoint = await app.logIn(ada, { path: "/sse" });

  const id = (await openSession(mcp, accessToken)) ?? "";
  const use = (url: string, token: string, sessionId = id) =>
    postMessage(url, token, toToolCall("sum", { a: 1, b: 2 }), { "mcp-session-id": sessionId });
  const end = (token: string) =>
    fetch(mcp, {
      method: "DELETE",
      headers: { authorization: `Bearer ${token}`, "mcp-session-id": id },
    });
  const refused = await Promise.all([
    use(mcp, stranger.accessToken),
    use(mcp, otherClient.accessToken),
    use(sse, otherEndpoint.accessToken),
    use(mcp, accessToken, "rubbish"),
    use(mcp, accessToken, "0".repeat(64)),
    end(stranger.accessToken),
  ]);
  expect(refused.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404, 404]);
  const texts = await Promise.all(refused.slice(0, 5).map((answer) => answer.text()));
  expect(new Set(texts).size).toBe(1);
  expect(texts[0]).toContain("Session not found");

  expect((await use(mcp, accessToken)).status).toBe(200);
  expect((await end(accessToken)).status).toBe(200);
  expect((await use(mcp, accessToken)).status).toBe(404);
});

test("a session outlives the memory of its object, and its client notices nothing", async ({
  restarted: server,
}) => {
  const app = await OAuthApp.register(server.origin);
  const { accessToken } = await app.logIn(new Person("ada@example.com"), { scope: everyScope });
  await using client = await connectLegacy(server.origin, accessToken, "legacy", forms);
  let asked = 0;
  client.setRequestHandler(ElicitRequestSchema, async () => {
    asked += 1;
    return { action: "accept", content: { colour: "red" } };
  });
  const call = { name: "choose", arguments: { thing: "a door" } };
  expect((await client.callTool(call)).structuredContent).toMatchObject({
    thing: "a door",
    colour: "red",
  });
  await server.restart();
  // The server still knows that this client can be asked.
  expect((await client.callTool(call)).structuredContent).toMatchObject({
    thing: "a door",
    colour: "red",
  });
  expect(asked).toBe(2);
});

test("questions that are asked at once, just after a restart, each get their own answer", async ({
  restarted: server,
}) => {
  const app = await OAuthApp.register(server.origin);
  const { accessToken } = await app.logIn(new Person("ada@example.com"));
  await using client = await connectLegacy(server.origin, accessToken, "legacy", forms);
  // Thing 1 gets the first colour, thing 2 the second, and so on.
  client.setRequestHandler(ElicitRequestSchema, async ({ params }) => {
    const [, number = "1"] = /for thing (\d)/.exec(params.message) ?? [];
    return { action: "accept", content: { colour: colours[Number(number) - 1] ?? "" } };
  });
  for (let round = 0; round < 3; round++) {
    await server.restart();
    const results = await Promise.all(
      colours.map((_, index) =>
        client.callTool({
          name: "choose",
          arguments: { thing: `thing ${index + 1}` },
        }),
      ),
    );
    expect(
      results.map(({ structuredContent }) => (structuredContent as { colour: string }).colour),
    ).toEqual(colours);
  }
});

test("the newest of two idle streams of a session stays, and a foreign page gets none", async ({
  server,
}) => {
  const mcp = `${server.origin}/mcp`;
  const app = await OAuthApp.register(server.origin);
  const { accessToken } = await app.logIn(new Person("ada@example.com"));
  const id = (await openSession(mcp, accessToken)) ?? "";
  const headers = { "mcp-session-id": id, "mcp-protocol-version": "2025-11-25" };
  const first = await getStream(mcp, accessToken, headers);
  expect(first.status).toBe(200);
  // Nothing is subscribed, and it had its idle stream: the next one is for those who subscribe.
  const second = await getStream(mcp, accessToken, headers);
  expect(second.status).toBe(405);
  await first.body?.cancel();
  const foreign = { ...headers, origin: "https://evil.example" };
  expect((await getStream(mcp, accessToken, foreign)).status).toBe(403);
  expect((await postMessage(mcp, accessToken, undefined, foreign)).status).toBe(403);
});

test("a modern request with an old session id stays stateless", async ({ server }) => {
  const mcp = `${server.origin}/mcp`;
  const app = await OAuthApp.register(server.origin);
  const { accessToken } = await app.logIn(new Person("ada@example.com"));
  const response = await postModern(
    mcp,
    accessToken,
    "tools/list",
    {},
    {},
    {
      "mcp-session-id": "0".repeat(64),
    },
  );
  expect(response.status).toBe(200);
  expect(response.headers.get("mcp-session-id")).toBeNull();
  expect(await response.text()).toContain('"name":"sum"');
});
