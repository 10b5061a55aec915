import { expect } from "vitest";
import { tools } from "../../fixture/tools/index.ts";
import { readChallenge } from "../../support/challenge.ts";
import { postMessage, readAnswer, SseStream, toInitialize } from "../../support/mcp-by-hand.ts";
import { OAuthApp } from "../../support/oauth-app.ts";
import { Person } from "../../support/person.ts";
import { test } from "../../support/test.ts";

/** What needs a scope beyond the base ones, and which. */
const requests = [
  { method: "tools/call", name: "put", arguments: { name: "a", value: 1 }, scope: "write" },
  { method: "tools/call", name: "get", arguments: {}, scope: "read" },
  // Arguments are looked at after the scope.
  { method: "tools/call", name: "delete_my_data", arguments: { rubbish: 1 }, scope: "write" },
  { method: "resources/read", uri: "demo://notes", scope: "read" },
  // The SDK reads an address as browsers do.
  { method: "resources/read", uri: "DEMO://no\ntes", scope: "read" },
] as const;

const envelope = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
  "io.modelcontextprotocol/clientInfo": { name: "by hand", version: "1" },
};

const initialize = toInitialize({ elicitation: {} });

/** Sends one message with a token, and returns the answer to the POST. */
type Post = (token: string, message: { method: string; params: object }) => Promise<Response>;

/** Every way in which a message reaches a tool. */
const lanes: readonly {
  readonly name: string;
  readonly path: string;
  open(url: string, token: string): Promise<Post & Partial<AsyncDisposable>>;
}[] = [
  {
    name: "a request of the 2026-07-28 protocol",
    path: "/mcp",
    async open(url) {
      return (token, { method, params }) => {
        const message = toRequest(method, { ...params, _meta: envelope });
        const { name, uri } = params as { name?: string; uri?: string };
        return postMessage(url, token, message, {
          "mcp-protocol-version": "2026-07-28",
          "mcp-method": method,
          "mcp-name": encodeHeader(name ?? uri ?? ""),
        });
      };
    },
  },
  ...["/mcp", "/sse"].map((path) => ({
    name: `a request of the initialize era at ${path}`,
    path,
    async open(url: string): Promise<Post> {
      return (token, { method, params }) => postMessage(url, token, toRequest(method, params));
    },
  })),
  {
    name: "a request in a session",
    path: "/mcp",
    async open(url, accessToken) {
      const opened = await postMessage(url, accessToken, initialize);
      await readAnswer(opened);
      const session = { "mcp-session-id": opened.headers.get("mcp-session-id") ?? "" };
      return (token, { method, params }) =>
        postMessage(url, token, toRequest(method, params), session);
    },
  },
  {
    name: "a message of HTTP+SSE",
    path: "/sse",
    async open(url, accessToken) {
      const stream = await SseStream.open(url, accessToken);
      await stream.ask(accessToken, initialize);
      const post: Post = (token, { method, params }) =>
        postMessage(stream.messageUrl, token, toRequest(method, params));
      return Object.assign(post, {
        [Symbol.asyncDispose]: () => stream[Symbol.asyncDispose](),
      });
    },
  },
];

for (const { name, path, open } of lanes) {
  test(`${name} without the scope is answered with all that the client is to ask for`, async ({
    server,
  }) => {
    const url = `${server.origin}${path}`;
    const person = new Person("ada@example.com");
    const app = await OAuthApp.register(server.origin);
    // Not the order of the catalogue.
    const base = await app.logIn(person, { path, scope: "demo:profile demo:use" });
    const post = await open(url, base.accessToken);
    await using _closed = { [Symbol.asyncDispose]: async () => post[Symbol.asyncDispose]?.() };
    for (const { method, scope, ...params } of requests) {
      const refused = await post(base.accessToken, { method, params });
      const what = JSON.stringify(params);
      expect(refused.status, what).toBe(403);
      expect(readChallenge(refused), what).toEqual({
        error: "insufficient_scope",
        error_description: "Insufficient scope",
        scope: `demo:use demo:profile demo:${scope}`,
        resource_metadata: `${server.origin}/.well-known/oauth-protected-resource${path}`,
      });
      // For a client in a browser page.
      expect(refused.headers.get("access-control-expose-headers")).toContain("WWW-Authenticate");
      expect(await refused.json(), what).toMatchObject({ error: "insufficient_scope" });
    }

    // Writing includes reading, and what was not granted before is not asked for now.
    const writer = await OAuthApp.register(server.origin);
    const { accessToken } = await writer.logIn(person, { path, scope: "demo:write" });
    const write = await open(url, accessToken);
    await using _end = { [Symbol.asyncDispose]: async () => write[Symbol.asyncDispose]?.() };
    for (const tool of ["get", "put"]) {
      const params = { name: tool, arguments: { name: "lane", value: 1 } };
      if (tool === "get") Object.assign(params, { arguments: {} });
      const taken = await write(accessToken, { method: "tools/call", params });
      expect(taken.ok, tool).toBe(true);
      await taken.body?.cancel();
    }
    const params = { name: "sum", arguments: { a: 1, b: 2 } };
    const sum = await write(accessToken, { method: "tools/call", params });
    expect(sum.status).toBe(403);
    expect(readChallenge(sum).scope).toBe("demo:use demo:write");
  });
}

test("one call without the scope keeps a whole batch from running", async ({ server }) => {
  const app = await OAuthApp.register(server.origin);
  const { accessToken } = await app.logIn(new Person("ada@example.com"));
  const call = (id: number, name: string, args: object) => ({
    ...toRequest("tools/call", { name, arguments: args }),
    id,
  });
  const batch = [call(1, "sum", { a: 1, b: 2 }), call(2, "put", { name: "a", value: 1 })];
  const answer = await postMessage(`${server.origin}/mcp`, accessToken, batch, {
    "mcp-protocol-version": "2025-03-26",
  });
  expect(answer.status).toBe(403);
  expect(readChallenge(answer).scope).toBe("demo:use demo:profile demo:write");
});

test("a client that listens for what it may not read is told what to ask for", async ({
  server,
}) => {
  const app = await OAuthApp.register(server.origin);
  const { accessToken } = await app.logIn(new Person("ada@example.com"));
  const method = "subscriptions/listen";
  const notifications = { resourceSubscriptions: ["demo://notes"] };
  const refused = await postMessage(
    `${server.origin}/mcp`,
    accessToken,
    toRequest(method, { notifications, _meta: envelope }),
    { "mcp-protocol-version": "2026-07-28", "mcp-method": method },
  );
  expect(refused.status).toBe(403);
  expect(readChallenge(refused).scope).toBe("demo:use demo:profile demo:read");
});

test("a stranger is told of the base scopes only, and the server's own document lists all", async ({
  server,
}) => {
  const { origin } = server;
  for (const path of ["/mcp", "/sse"]) {
    const metadata = `${origin}/.well-known/oauth-protected-resource${path}`;
    for (const method of ["GET", "POST"]) {
      const headers = { origin: "http://localhost:6274" };
      const refused = await fetch(`${origin}${path}`, { method, headers });
      expect(refused.status).toBe(401);
      expect(readChallenge(refused)).toMatchObject({
        scope: "demo:use demo:profile",
        resource_metadata: metadata,
      });
      expect(refused.headers.get("access-control-expose-headers")).toMatch(/www-authenticate/i);
    }
    const resource = (await (await fetch(metadata)).json()) as { scopes_supported: string[] };
    expect(resource.scopes_supported).toEqual(["demo:use", "demo:profile"]);
  }
  const document = await fetch(`${origin}/.well-known/oauth-authorization-server`);
  const { scopes_supported: scopes } = (await document.json()) as { scopes_supported: string[] };
  expect(scopes).toEqual(["demo:use", "demo:profile", "demo:read", "demo:write"]);
});

for (const { name, path, open } of lanes.filter((lane) => !lane.name.includes("HTTP+SSE"))) {
  test(`${name} for the list gets every tool with the scope it needs`, async ({ server }) => {
    const url = `${server.origin}${path}`;
    const app = await OAuthApp.register(server.origin);
    const { accessToken } = await app.logIn(new Person("ada@example.com"), { path });
    const post = await open(url, accessToken);
    const answer = await readAnswer(await post(accessToken, { method: "tools/list", params: {} }));
    expect((answer as { tools: object[] }).tools).toMatchObject(
      tools.map(({ name: tool, scope }) => ({
        name: tool,
        // For ChatGPT, in both places where it looks; and for everybody.
        securitySchemes: [{ type: "oauth2", scopes: [scope] }],
        _meta: {
          securitySchemes: [{ type: "oauth2", scopes: [scope] }],
          "remote-mcp-server/scope": scope,
        },
      })),
    );
  });
}

function toRequest(method: string, params: object): object {
  return { jsonrpc: "2.0", id: 1, method, params };
}

/** As the 2026-07-28 transport has what is not plain text. */
function encodeHeader(value: string): string {
  if (/^[\x20-\x7e]*$/.test(value)) return value;
  return `=?base64?${Buffer.from(value).toString("base64")}?=`;
}
