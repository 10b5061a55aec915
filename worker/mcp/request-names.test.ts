import type { JSONRPCMessage } from "@modelcontextprotocol/server";
import { InMemoryTransport } from "@modelcontextprotocol/server";
import { expect, test } from "vitest";
import { nameRequests } from "./request-names.ts";

/** A server's transport, with what it sent and what reached the server. */
async function connect() {
  const [client, server] = InMemoryTransport.createLinkedPair();
  const sent: JSONRPCMessage[] = [];
  const received: JSONRPCMessage[] = [];
  client.onmessage = (message) => sent.push(message);
  server.onmessage = (message) => received.push(message);
  await Promise.all([client.start(), server.start()]);
  nameRequests(server);
  return { client, server, sent, received };
}

const question: JSONRPCMessage = {
  jsonrpc: "2.0",
  id: 0,
  method: "elicitation/create",
  params: {},
};

function readId(message: JSONRPCMessage | undefined): string | number {
  if (message === undefined || !("id" in message) || message.id === undefined) {
    throw new Error("The message has no id.");
  }
  return message.id;
}

test("an answer finds its question, and not the question of another server that counts alike", async () => {
  const before = await connect();
  const after = await connect();
  await before.server.send(question);
  await after.server.send(question);
  const [old, own] = [readId(before.sent[0]), readId(after.sent[0])];
  expect(old).not.toBe(own);
  for (const id of [old, 0, "0", String(own).replace(/\d$/, "x")]) {
    await after.client.send({ jsonrpc: "2.0", id, result: { action: "accept" } });
  }
  await after.client.send({ jsonrpc: "2.0", id: own, result: { action: "decline" } });
  expect(after.received.filter((message) => Number.isFinite(readId(message)))).toEqual([
    { jsonrpc: "2.0", id: 0, result: { action: "decline" } },
  ]);
});

test("what the client asks and is told keeps its id", async () => {
  const { client, server, sent, received } = await connect();
  const request: JSONRPCMessage = { jsonrpc: "2.0", id: 7, method: "ping" };
  await client.send(request);
  expect(received).toEqual([request]);
  const answer: JSONRPCMessage = { jsonrpc: "2.0", id: 7, result: {} };
  await server.send(answer);
  expect(sent).toEqual([answer]);
});
