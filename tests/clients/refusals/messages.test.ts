import { request } from "node:http";
import { expect } from "vitest";
import {
  postMessage,
  postModern,
  SseStream,
  toInitialize,
  toToolCall,
} from "../../support/mcp-by-hand.ts";
import { OAuthApp } from "../../support/oauth-app.ts";
import { Person } from "../../support/person.ts";
import { test } from "../../support/test.ts";

/** A JSON-RPC answer, as far as a test looks at it. */
interface Answer {
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly message: string };
}

const clientInfo = { name: "by hand", version: "1.0.0", title: null, icons: null };

async function readAny(response: Response): Promise<Answer> {
  const text = await response.text();
  const data = text
    .split("\n")
    .findLast((line) => line.startsWith("data: "))
    ?.slice("data: ".length);
  return JSON.parse(data ?? text) as Answer;
}

/** Asks in both protocol eras; what only one of them has is asked there. */
const eras = {
  "2025-11-25": (url: string, token: string, method: string, params: object | null) =>
    postMessage(url, token, { jsonrpc: "2.0", id: 1, method, params }),
  "2026-07-28": (url: string, token: string, method: string, params: object | null) =>
    postModern(url, token, method, { ...params }, {}, {}),
};

const said = [
  ["tools/list", { cursor: null }],
  ["tools/list", null],
  ["tools/call", { name: "whoami", arguments: null }],
  ["prompts/list", { cursor: null }],
  ["prompts/get", { name: "paint", arguments: null }],
  ["resources/list", { cursor: null }],
  ["resources/templates/list", { cursor: null }],
] as const;

for (const [era, ask] of Object.entries(eras)) {
  test(`null is absent in messages of ${era}`, async ({ server }) => {
    const app = await OAuthApp.register(server.origin);
    const { accessToken } = await app.logIn(new Person("ada@example.com"));
    for (const [method, params] of said) {
      const { error } = await readAny(
        await ask(`${server.origin}/mcp`, accessToken, method, params),
      );
      // The prompt wants an argument, which is said as if it were left out.
      if (error) expect(error, method).toMatchObject({ code: -32602 });
      expect(JSON.stringify(error ?? {}), method).not.toMatch(/null|invalid_type|\\n/);
      if (method !== "prompts/get") expect(error, method).toBeUndefined();
    }
  });

  test(`a wrong message of ${era} is the client's mistake, in words`, async ({ server }) => {
    const app = await OAuthApp.register(server.origin);
    const { accessToken } = await app.logIn(new Person("ada@example.com"));
    for (const [method, params, name] of [
      ["tools/list", { cursor: 5 }, "params.cursor"],
      ["tools/call", { name: null }, "params.name"],
      ["tools/call", { name: "whoami", arguments: "x" }, "params.arguments"],
      ["prompts/get", { name: 5 }, "params.name"],
      ["resources/read", { uri: null }, "params.uri"],
    ] as const) {
      const answer = await readAny(await ask(`${server.origin}/mcp`, accessToken, method, params));
      expect(answer.error, method).toMatchObject({
        code: -32602,
        message: expect.stringMatching(
          new RegExp(`^The request is wrong\\. ${name.replaceAll(".", "\\.")}: .*Correct it`),
        ),
      });
      expect(answer.error?.message, method).not.toMatch(/[{}[\]\n]|undefined/);
    }
    for (const name of ["gone", "long gone"]) {
      const gone = { name, arguments: {} };
      const { error } = await readAny(
        await ask(`${server.origin}/mcp`, accessToken, "tools/call", gone),
      );
      expect(error).toMatchObject({ code: -32602, message: expect.stringContaining("tools/list") });
    }
  });
}

test("a client may say null of what it cannot do, with a session and without", async ({
  server,
}) => {
  const app = await OAuthApp.register(server.origin);
  const { accessToken } = await app.logIn(new Person("ada@example.com"));
  const initialize = (params: object) =>
    postMessage(`${server.origin}/mcp`, accessToken, {
      jsonrpc: "2.0",
      id: 0,
      method: "initialize",
      params: { protocolVersion: "2025-06-18", clientInfo, ...params },
    });
  const stateless = await initialize({ capabilities: { roots: null, elicitation: null } });
  expect(stateless.headers.get("mcp-session-id")).toBeNull();
  expect((await readAny(stateless)).result?.protocolVersion).toBe("2025-06-18");
  const kept = await initialize({ capabilities: { sampling: null, elicitation: { form: null } } });
  expect(kept.headers.get("mcp-session-id")).toMatch(/^[0-9a-f]{64}$/);
  expect((await readAny(kept)).result?.protocolVersion).toBe("2025-06-18");
  const wrong = await readAny(await initialize({ capabilities: null }));
  expect(wrong.error).toMatchObject({
    code: -32602,
    message: expect.stringContaining("params.capabilities"),
  });
});

test("null is absent on an HTTP+SSE stream, too", async ({ server }) => {
  const app = await OAuthApp.register(server.origin);
  const login = await app.logIn(new Person("ada@example.com"), { path: "/sse" });
  await using stream = await SseStream.open(`${server.origin}/sse`, login.accessToken);
  const ask = (method: string, params: object | null) =>
    stream.ask(login.accessToken, { jsonrpc: "2.0", id: 1, method, params });
  const capabilities = { roots: null };
  const params = { protocolVersion: "2024-11-05", capabilities, clientInfo };
  expect(await ask("initialize", params)).toMatchObject({ protocolVersion: "2024-11-05" });
  expect(await ask("tools/list", { cursor: null })).toMatchObject({ tools: expect.any(Array) });
  expect(await ask("tools/call", { name: "whoami", arguments: null })).toMatchObject({
    structuredContent: { email: "ada@example.com" },
  });
});

test("null in the message itself is absent, and a request with an id of null is told so", async ({
  server,
}) => {
  const app = await OAuthApp.register(server.origin);
  const { accessToken } = await app.logIn(new Person("ada@example.com"));
  const post = (message: object) =>
    postMessage(`${server.origin}/mcp`, accessToken, { jsonrpc: "2.0", ...message });
  const unused = { params: null, result: null, error: null };
  const initialized = { id: null, method: "notifications/initialized", ...unused };
  expect((await post(initialized)).status).toBe(202);
  expect((await post({ id: 1, result: {}, method: null, error: null })).status).toBe(202);
  const listed = await readAny(await post({ id: 1, method: "tools/list", ...unused }));
  expect(listed.result).toMatchObject({ tools: expect.any(Array) });
  const lost = await post({ id: null, method: "tools/list" });
  expect(lost.status).toBe(400);
  expect((await readAny(lost)).error).toMatchObject({
    code: -32600,
    message: expect.stringMatching(/id of a request is null.*send it again/),
  });
  const sse = await app.logIn(new Person("ada@example.com"), { path: "/sse" });
  await using stream = await SseStream.open(`${server.origin}/sse`, sse.accessToken);
  await stream.tell(sse.accessToken, { jsonrpc: "2.0", ...initialized });
  await stream.tell(sse.accessToken, { jsonrpc: "2.0", id: 1, result: {}, method: null });
  const onStream = { jsonrpc: "2.0", id: null, method: "tools/list" };
  const refused = await postMessage(stream.messageUrl, sse.accessToken, onStream);
  expect(refused.status).toBe(400);
  expect(await refused.text()).toContain("id of a request is null");
});

/** Posts a message with exactly these headers: `fetch` adds an `Accept`. */
function postRaw(
  url: string,
  headers: Readonly<Record<string, string>>,
  message: object,
): Promise<{ readonly status: number | undefined; readonly type: string; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: "POST", headers }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      const text = Buffer.concat(chunks).toString();
      resolve({ status: response.statusCode, type: response.headers["content-type"] ?? "", text });
    });
    sent.on("error", reject);
    sent.end(JSON.stringify(message));
  });
}

const accepts = [
  [undefined, /^(application\/json|text\/event-stream)/],
  ["*/*", /^(application\/json|text\/event-stream)/],
  ["application/json", /^application\/json/],
  ["application/*, text/html", /^application\/json/],
  ["application/json;q=0.1, text/event-stream;q=0", /^application\/json/],
  ["text/event-stream", /^text\/event-stream/],
  ["application/json, text/event-stream", /^(application\/json|text\/event-stream)/],
] as const;

test("what a client accepts counts alike in both eras and at both addresses", async ({
  server,
}) => {
  const app = await OAuthApp.register(server.origin);
  const ada = new Person("ada@example.com");
  for (const path of ["/mcp", "/sse"]) {
    const { accessToken } = await app.logIn(ada, { path });
    for (const version of Object.keys(eras)) {
      const call = toToolCall("sum", { a: 2, b: 40.5 }) as { params: object };
      const _meta = {
        "io.modelcontextprotocol/protocolVersion": version,
        "io.modelcontextprotocol/clientCapabilities": {},
      };
      const isModern = version === "2026-07-28";
      const message = isModern ? { ...call, params: { ...call.params, _meta } } : call;
      const send = (accept: string | undefined) =>
        postRaw(
          `${server.origin}${path}`,
          {
            authorization: `Bearer ${accessToken}`,
            "content-type": "application/json",
            "mcp-protocol-version": version,
            ...(isModern && { "mcp-method": "tools/call", "mcp-name": "sum" }),
            ...(accept !== undefined && { accept }),
          },
          message,
        );
      for (const [accept, type] of accepts) {
        const answer = await send(accept);
        const way = `${path} ${version} ${accept}`;
        expect(answer, way).toMatchObject({ status: 200, type: expect.stringMatching(type) });
        expect(answer.text, way).toContain('"sum":42.5');
      }
      const refused = await send("text/html");
      expect(refused, `${path} ${version}`).toMatchObject({ status: 406 });
      expect(refused.text).toContain("Send Accept: application/json, text/event-stream");
    }
  }
});

test("a client that reads JSON only is never asked, and gets no session", async ({ server }) => {
  const app = await OAuthApp.register(server.origin);
  const { accessToken } = await app.logIn(new Person("ada@example.com"));
  const mcp = `${server.origin}/mcp`;
  const accept = { accept: "application/json" };
  const opened = await postMessage(
    mcp,
    accessToken,
    {
      jsonrpc: "2.0",
      id: 0,
      method: "initialize",
      params: {
        protocolVersion: "2025-11-25",
        capabilities: { elicitation: {} },
        clientInfo: { name: "by hand", version: "1.0.0" },
      },
    },
    accept,
  );
  expect(opened.headers.get("mcp-session-id")).toBeNull();
  expect(opened.headers.get("content-type")).toBe("application/json");
  const call = toToolCall("choose", { thing: "a wall" });
  const answer = await readAny(await postMessage(mcp, accessToken, call, accept));
  // In the words for a client that cannot be asked.
  expect(answer.result).toMatchObject({
    content: [{ text: expect.stringMatching(/^Ask the person which colour/) }],
  });
  const listen = { notifications: { resourceSubscriptions: ["demo://notes"] } };
  const refused = await postModern(mcp, accessToken, "subscriptions/listen", listen, {}, accept);
  expect(refused.status).toBe(406);
});

test("a call in a session that reads JSON only is refused by its id where it asks", async ({
  server,
}) => {
  const app = await OAuthApp.register(server.origin);
  const { accessToken } = await app.logIn(new Person("ada@example.com"));
  const mcp = `${server.origin}/mcp`;
  const opened = await postMessage(mcp, accessToken, toInitialize({ elicitation: {} }));
  await opened.text();
  const session = { "mcp-session-id": opened.headers.get("mcp-session-id") ?? "" };
  const call = { ...toToolCall("choose", { thing: "a wall" }), id: 7 };
  const accept = { ...session, accept: "application/json" };
  const refused = await postMessage(mcp, accessToken, call, accept);
  expect(refused.status).toBe(406);
  expect(await refused.json()).toMatchObject({ id: 7 });
});

test("a method that is not served is 405, whatever its client reads", async ({ server }) => {
  const app = await OAuthApp.register(server.origin);
  const { accessToken } = await app.logIn(new Person("ada@example.com"));
  for (const method of ["GET", "PUT"]) {
    for (const accept of ["application/json", "text/event-stream"]) {
      const headers = { authorization: `Bearer ${accessToken}`, accept };
      const { status } = await fetch(`${server.origin}/mcp`, { method, headers });
      expect(status, `${method} ${accept}`).toBe(405);
    }
  }
});
