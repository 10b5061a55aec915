import { reset } from "cloudflare:test";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { OAuthWorker } from "../../tests/support/worker/oauth-worker.ts";
import { deepestMessage, findExcess, mostElements, mostKeys } from "./message-bounds.ts";

beforeEach(() => {
  vi.spyOn(console, "log").mockImplementation(() => undefined);
});

afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

const withKeys = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, index]));

function nest(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

test("a message may be as deep and as wide as is said, and no more", () => {
  expect(findExcess(nest(deepestMessage))).toBeUndefined();
  expect(findExcess(nest(deepestMessage + 1))).toMatch(/levels deep/);
  expect(findExcess(nest(500_000))).toMatch(/levels deep/);
  expect(findExcess(withKeys(mostKeys))).toBeUndefined();
  expect(findExcess(withKeys(mostKeys + 1))).toMatch(/keys/);
  expect(findExcess([withKeys(mostKeys / 2), { x: withKeys(mostKeys / 2) }])).toMatch(/keys/);
  expect(findExcess(Array(mostElements).fill(1))).toBeUndefined();
  expect(findExcess([Array(mostElements).fill(1)])).toMatch(/elements/);
  expect(findExcess("x".repeat(1_000_000))).toBeUndefined();
});

const wide = { jsonrpc: "2.0", id: 1, method: "tools/list", params: withKeys(mostKeys) };
const deep = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { x: nest(deepestMessage) } };
const initialize = {
  jsonrpc: "2.0",
  id: 0,
  method: "initialize",
  params: {
    protocolVersion: "2025-11-25",
    capabilities: { elicitation: {} },
    clientInfo: { name: "x", version: "1", more: withKeys(mostKeys) },
  },
};
const modern = {
  ...wide,
  params: {
    ...wide.params,
    _meta: {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientCapabilities": {},
    },
  },
};

test("no schema sees a message that is too deep or too wide, in either era, in a session or on /sse", async () => {
  const worker = new OAuthWorker();
  const post = async (path: string, token: string, message: object, more: object = {}) => {
    const answer = await worker.fetch(path, {
      method: "POST",
      headers: {
        host: new URL(worker.settings.origin).host,
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        ...more,
      },
      body: JSON.stringify(message),
    });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  };
  const mcp = (await worker.logIn({ path: "/mcp" })).tokens.access_token;
  const { params } = initialize;
  const { more: _, ...clientInfo } = params.clientInfo;
  const small = { ...initialize, params: { ...params, clientInfo } };
  const session = (await post("/mcp", mcp, small)).headers.get("mcp-session-id") ?? "";
  expect(session).not.toBe("");
  const inSession = { "mcp-session-id": session, "mcp-protocol-version": "2025-11-25" };
  const inModern = { "mcp-protocol-version": "2026-07-28", "mcp-method": "tools/list" };
  for (const [message, more] of [
    [wide, {}],
    [deep, {}],
    [initialize, {}],
    [modern, inModern],
    [wide, inSession],
    [deep, inSession],
  ] as const) {
    const { status, text } = await post("/mcp", mcp, message, more);
    expect(status, text).toBe(400);
    expect(JSON.parse(text)).toMatchObject({
      error: { code: -32600, message: expect.stringMatching(/^The message (has over|is nested)/) },
    });
  }
  const sse = (await worker.logIn({ path: "/sse" })).tokens.access_token;
  const stream = await worker.fetch("/sse", {
    headers: { authorization: `Bearer ${sse}`, accept: "text/event-stream" },
  });
  const reader = stream.body?.getReader();
  const { value } = (await reader?.read()) ?? {};
  const path = /data: (\S+)/.exec(new TextDecoder().decode(value))?.[1] ?? "";
  expect(path).toMatch(/^\/sse\/message/);
  for (const message of [wide, deep, initialize]) {
    const refused = await post(path, sse, message);
    expect(refused.status).toBe(400);
    expect(refused.text).toMatch(/^The message (has over|is nested)/);
    expect((await post("/sse", sse, message)).status).toBe(400);
  }
  expect((await post(path, sse, { jsonrpc: "2.0", id: 1, method: "ping" })).status).toBe(202);
  await reader?.cancel();
});
