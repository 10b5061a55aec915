import { expect, test } from "vitest";
import { dropNulls, findMissingId } from "./absent.ts";

test("null is absent wherever the protocol has a member", () => {
  const message = {
    jsonrpc: "2.0",
    id: 1,
    method: "initialize",
    params: {
      _meta: { progressToken: null },
      capabilities: { sampling: null, elicitation: { form: null } },
      clientInfo: { name: "x", version: "1", title: null, icons: [{ src: "y", sizes: null }] },
    },
  };
  expect(dropNulls(message)).toEqual({
    ...message,
    params: {
      _meta: {},
      capabilities: { elicitation: {} },
      clientInfo: { name: "x", version: "1", icons: [{ src: "y" }] },
    },
  });
  expect(dropNulls({ id: 1, method: "ping", params: null })).toEqual({ id: 1, method: "ping" });
  const answer = { id: 1, result: { action: "accept", content: { unit: null, other: 1 } } };
  expect(dropNulls(answer)).toEqual({ id: 1, result: { action: "accept", content: { other: 1 } } });
  expect(dropNulls([{ id: 1, method: "ping", params: null }])).toEqual([{ id: 1, method: "ping" }]);
});

test.each([
  [{ id: null, method: "notifications/initialized" }, { method: "notifications/initialized" }],
  [
    { id: 1, result: {}, error: null, method: null, params: null },
    { id: 1, result: {} },
  ],
  [
    { id: 1, method: "tools/list", error: null, result: null },
    { id: 1, method: "tools/list" },
  ],
  [
    { id: 1, error: { code: 1 }, result: null },
    { id: 1, error: { code: 1 } },
  ],
  [{ id: null, error: { code: 1 }, result: null, method: null }, { error: { code: 1 } }],
])("null is absent in the message itself: %j", (message, said) => {
  expect(dropNulls(message)).toEqual(said);
  expect(findMissingId(said)).toBeUndefined();
});

test("a request with an id of null is told so", () => {
  const request = dropNulls({ id: null, method: "tools/list", error: null });
  expect(request).toEqual({ id: null, method: "tools/list" });
  for (const message of [request, [{ id: 1, method: "ping" }, request]]) {
    expect(findMissingId(message)).toMatch(/^The id of a request is null/);
  }
  for (const message of [null, "x", [null], { id: null }]) {
    expect(findMissingId(message)).toBeUndefined();
  }
});

test("a tool's arguments keep their nulls, and an id of null stays", () => {
  const call = { id: null, method: "tools/call", params: { name: "x", arguments: { a: [null] } } };
  expect(dropNulls(call)).toEqual(call);
  const bare = { ...call, params: { name: "x", arguments: null } };
  expect(dropNulls(bare)).toEqual({ ...call, params: { name: "x" } });
});

test("what is no message comes back as it is, however deep", () => {
  for (const value of [null, "x", 5, [null]]) expect(dropNulls(value)).toEqual(value);
  const levels = 50_000;
  const deep: unknown = JSON.parse(`${'{"params":'.repeat(levels)}null${"}".repeat(levels)}`);
  expect(() => dropNulls(deep)).not.toThrow();
});
