import { expect, test } from "vitest";
import { features } from "../../tests/fixture/features.ts";
import { findPrompt, findTool, pickNeeded } from "./needed-features.ts";

const call = (method: string, name?: unknown) => ({
  jsonrpc: "2.0",
  id: 1,
  method,
  params: { name },
});

test("a call of a tool needs that tool and nothing else, and the same again", () => {
  const { name } = features.tools[0] ?? {};
  const needed = pickNeeded(features, call("tools/call", name));
  expect(needed).toEqual({ tools: [features.tools[0]], resources: [], prompts: [] });
  expect(pickNeeded(features, call("tools/call", name))).toBe(needed);
  expect(findTool(features, name)).toBe(features.tools[0]);
});

test("so does a prompt, and a list of tools needs none", () => {
  const { name } = features.prompts[0] ?? {};
  const needed = pickNeeded(features, call("prompts/get", name));
  expect(needed).toEqual({ tools: [], resources: [], prompts: [features.prompts[0]] });
  expect(findPrompt(features, name)).toBe(features.prompts[0]);
  expect(pickNeeded(features, call("tools/list")).tools).toEqual([]);
});

test.each([
  call("tools/call", "no-such-tool"),
  call("tools/call", 7),
  call("prompts/get", "toString"),
  call("initialize"),
  call("completion/complete"),
  call("resources/read"),
  [call("tools/list")],
  null,
  "text",
  7,
])("whatever else comes, a server has everything: %j", (message) => {
  expect(pickNeeded(features, message)).toBe(features);
});
