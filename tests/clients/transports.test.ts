import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import { expect } from "vitest";
import { getStream, listTools, SseStream, toInitialize } from "../support/mcp-by-hand.ts";
import { OAuthApp } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";
import { test } from "../support/test.ts";
import { toolNames } from "../support/tool-names.ts";

const version = "mcp-protocol-version";
const session = { "mcp-session-id": "0".repeat(64) };

/** How `GET /sse` is answered: `worker/mcp/lanes.ts` has the table. */
const gets = [
  ["no version", {}, 200],
  ["2024-11-05", { [version]: "2024-11-05" }, 200],
  ["2024-10-07", { [version]: "2024-10-07" }, 200],
  ["2025-03-26", { [version]: "2025-03-26" }, 405],
  ["2025-11-25", { [version]: "2025-11-25" }, 405],
  ["2026-07-28", { [version]: "2026-07-28" }, 405],
  ["what is not a version", { [version]: "1.0" }, 405],
  ["2025-06-18, after a break", { [version]: "2025-06-18", "last-event-id": "1" }, 200],
  ["2024-11-05 and a session", { [version]: "2024-11-05", ...session }, 404],
  ["a session that is none", session, 404],
] as const;

test("GET /sse opens a stream of HTTP+SSE for the clients of that transport only", async ({
  server,
}) => {
  const app = await OAuthApp.register(server.origin);
  const { accessToken } = await app.logIn(new Person("ada@example.com"), { path: "/sse" });
  for (const [what, headers, status] of gets) {
    const abort = new AbortController();
    const { origin } = server;
    const response = await getStream(`${origin}/sse`, accessToken, headers, abort.signal);
    expect(response.status, what).toBe(status);
    if (status === 200) expect(response.headers.get("content-type")).toBe("text/event-stream");
    abort.abort();
  }
  const page = await getStream(`${server.origin}/sse`, accessToken, { accept: "text/html" });
  expect(page.status).toBe(406);
});

test("a client of HTTP+SSE that names its version with every request is served", async ({
  server,
}) => {
  const app = await OAuthApp.register(server.origin);
  const { accessToken } = await app.logIn(new Person("ada@example.com"), { path: "/sse" });
  const headers = { [version]: "2024-11-05", accept: "text/event-stream" };
  await using stream = await SseStream.open(`${server.origin}/sse`, accessToken, headers);
  expect(await stream.listToolNames(accessToken)).toEqual(toolNames);
});

test("a Streamable HTTP client that negotiated 2024-11-05 at /sse calls as before", async ({
  server,
}) => {
  const app = await OAuthApp.register(server.origin);
  const { accessToken } = await app.logIn(new Person("ada@example.com"), { path: "/sse" });
  const opened = Promise.withResolvers<number>();
  const transport = new StreamableHTTPClientTransport(new URL("/sse", server.origin), {
    requestInit: { headers: { authorization: `Bearer ${accessToken}` } },
    fetch: async (url, init) => {
      const response = await fetch(url, init);
      if (init?.method === "GET") opened.resolve(response.status);
      return response;
    },
  });
  const answers: JSONRPCMessage[] = [];
  let tell = () => {};
  transport.onmessage = (message) => {
    answers.push(message);
    tell();
  };
  const failures: Error[] = [];
  transport.onerror = (error) => failures.push(error);
  const ask = async (message: object) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    tell = resolve;
    await transport.send(message as JSONRPCMessage);
    await promise;
    return answers.at(-1);
  };
  await transport.start();
  await using _closed = { [Symbol.asyncDispose]: () => transport.close() };

  const initialize = toInitialize({}) as { params: object };
  const params = { ...initialize.params, protocolVersion: "2024-11-05" };
  expect(await ask({ ...initialize, params })).toMatchObject({
    result: { protocolVersion: "2024-11-05" },
  });
  transport.setProtocolVersion("2024-11-05");
  await transport.send({ jsonrpc: "2.0", method: "notifications/initialized" });
  // It asks for its stream now, and passes over the one event of the other transport.
  expect(await opened.promise).toBe(200);
  expect(await ask(listTools)).toMatchObject({ result: { tools: expect.any(Array) } });
  expect(failures).toEqual([]);
});
