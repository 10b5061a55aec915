import { type JSONRPCMessage, McpServer, type Transport } from "@modelcontextprotocol/server";
import { expect, test, vi } from "vitest";
import { endQuietly } from "./end-quietly.ts";

const asked: JSONRPCMessage = {
  jsonrpc: "2.0",
  id: 1,
  method: "tools/call",
  params: { name: "slow" },
};

/** A server with a tool that works until it is told, on a transport that a test holds. */
async function begin() {
  const server = new McpServer({ name: "server", version: "1" });
  const { promise, resolve } = Promise.withResolvers<void>();
  const onabort = vi.fn();
  const isRunning = vi.fn();
  server.registerTool("slow", {}, async ({ mcpReq }) => {
    mcpReq.signal.addEventListener("abort", onabort);
    isRunning();
    await promise;
    return { content: [] };
  });
  endQuietly(server);
  const onclose = vi.fn();
  server.server.onclose = onclose;
  const sent: JSONRPCMessage[] = [];
  const transport: Transport = {
    start: async () => undefined,
    close: async () => transport.onclose?.(),
    send: async (message) => {
      sent.push(message);
    },
  };
  await server.connect(transport);
  transport.onmessage?.(asked);
  await vi.waitFor(() => expect(isRunning).toHaveBeenCalled());
  return { transport, finish: resolve, onabort, onclose, sent };
}

test("a server that is closed before its answer stops its work and tells so", async () => {
  const { transport, onabort, onclose } = await begin();
  await transport.close();
  expect(onabort).toHaveBeenCalledTimes(1);
  expect(onclose).toHaveBeenCalledTimes(1);
});

test("one that has answered tells so, and has nothing to stop", async () => {
  const { transport, finish, onabort, onclose, sent } = await begin();
  finish();
  await vi.waitFor(() => expect(sent).toHaveLength(1));
  await transport.close();
  expect(onabort).not.toHaveBeenCalled();
  expect(onclose).toHaveBeenCalledTimes(1);
});
