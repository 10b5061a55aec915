import type { JSONRPCMessage, JSONRPCRequest } from "@modelcontextprotocol/server";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Exchange } from "./exchange.ts";

const asked: JSONRPCRequest = { jsonrpc: "2.0", id: 7, method: "tools/call", params: {} };
const answered: JSONRPCMessage = { jsonrpc: "2.0", id: 7, result: { done: true } };
const progress: JSONRPCMessage = { jsonrpc: "2.0", method: "notifications/progress" };
const authInfo = { token: "", clientId: "client", scopes: [] };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "setInterval", "clearTimeout", "clearInterval"] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** An exchange whose server does what it is told, and whose client may leave. */
function begin(run?: (exchange: Exchange) => void) {
  const client = new AbortController();
  const request = new Request("https://mcp.example/mcp", {
    method: "POST",
    body: "",
    signal: client.signal,
  });
  const exchange = new Exchange(asked);
  const onclose = vi.fn();
  const onmessage = vi.fn(() => run?.(exchange));
  Object.assign(exchange, { onclose, onmessage });
  return { exchange, client, onclose, onmessage, answer: () => exchange.answer(request, authInfo) };
}

test("an answer that is all there is goes out as JSON", async () => {
  const { answer, onmessage, onclose } = begin((exchange) => void exchange.send(answered));
  const response = await answer();
  expect(response.headers.get("content-type")).toBe("application/json");
  expect(await response.json()).toEqual(answered);
  expect(onmessage).toHaveBeenCalledWith(asked, expect.objectContaining({ authInfo }));
  expect(onclose).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});

test("what comes before the answer opens a stream, which the answer ends", async () => {
  const { answer } = begin(async (exchange) => {
    await exchange.send(progress, { relatedRequestId: 7 });
    await exchange.send(answered);
    // Nothing comes after it.
    await exchange.send(progress, { relatedRequestId: 7 });
  });
  const response = await answer();
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  const data = (message: object) => `event: message\ndata: ${JSON.stringify(message)}\n\n`;
  expect(await response.text()).toBe(data(progress) + data(answered));
  expect(vi.getTimerCount()).toBe(0);
});

test("what belongs to no request, or to another one, goes nowhere", async () => {
  const { answer } = begin(async (exchange) => {
    await exchange.send(progress);
    await exchange.send(progress, { relatedRequestId: 8 });
    await exchange.send({ ...answered, id: 8 });
    await exchange.send(answered);
  });
  expect(await (await answer()).json()).toEqual(answered);
});

test("an answer that takes long becomes a stream that says somebody is at work", async () => {
  const { answer, exchange } = begin();
  const response = answer();
  vi.advanceTimersByTime(2_000);
  const { headers, body } = await response;
  expect(headers.get("content-type")).toBe("text/event-stream");
  vi.advanceTimersByTime(15_000);
  await exchange.send(answered);
  const text = await new Response(body).text();
  expect(text).toBe(`: keepalive\n\nevent: message\ndata: ${JSON.stringify(answered)}\n\n`);
});

test.each(["as JSON", "on a stream"])(
  "an answer that cannot be written, %s, becomes an error, so that nobody waits for it",
  async (how) => {
    const { answer, exchange } = begin();
    const onerror = vi.fn();
    Object.assign(exchange, { onerror });
    const response = answer();
    if (how === "on a stream") vi.advanceTimersByTime(2_000);
    await exchange.send({ jsonrpc: "2.0", id: 7, result: { count: 1n } } as never);
    const text = await (await response).text();
    const [, message = text] = /data: (.*)/.exec(text) ?? [];
    expect(JSON.parse(message)).toMatchObject({ id: 7, error: { code: -32603 } });
    expect(onerror).toHaveBeenCalledWith(expect.any(TypeError));
    expect(vi.getTimerCount()).toBe(0);
  },
);

test.each(["before the answer", "while it streams", "before it began"])(
  "a client that leaves %s ends the work",
  async (when) => {
    const { answer, client, exchange, onclose, onmessage } = begin();
    if (when === "before it began") client.abort();
    const response = answer();
    if (when === "while it streams") {
      await exchange.send(progress, { relatedRequestId: 7 });
      await (await response).body?.cancel();
    } else {
      client.abort();
      expect((await response).status).toBe(499);
    }
    expect(onclose).toHaveBeenCalledTimes(1);
    expect(onmessage).toHaveBeenCalledTimes(when === "before it began" ? 0 : 1);
    expect(vi.getTimerCount()).toBe(0);
    await exchange.send(answered);
  },
);
