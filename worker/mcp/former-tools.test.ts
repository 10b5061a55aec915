import { afterEach, expect, test, vi } from "vitest";
import { sum } from "../../tests/fixture/tools/sum.ts";
import { callTool, listTools } from "../../tests/support/worker/call-tool.ts";
import { listFormerTools } from "./former-tools.ts";

const renamed = { ...sum, replaces: ["plus"] };

afterEach(() => vi.restoreAllMocks());

test("a call of a former name is answered with what replaced it, and logged as such", async () => {
  const log = vi.spyOn(console, "log");
  const { isError, text } = await callTool(renamed, { a: 1, b: 2 }, { name: "plus" });
  expect(isError).toBe(true);
  expect(text).toMatch(/^The tool plus is now sum\. Call sum instead; it takes: a, b\./);
  expect(text).toContain("?v=2");
  expect(log.mock.calls.join()).toMatch(/"tool":"plus","outcome":"former"/);
});

test("a former name is answered whatever was granted, and the tool itself still asks", async () => {
  const call = (name: string) => callTool(renamed, { a: 1, b: 2 }, { name, scopes: [] });
  expect((await call("plus")).text).toContain("is now sum");
  expect((await call("sum")).text).not.toContain("3");
});

test("a former name is not listed", async () => {
  expect(await listTools(renamed)).toEqual(["sum"]);
  expect(await listTools(undefined, { minus: "Add a negative number." })).toEqual([]);
});

test("a tool that nothing replaces says what to do instead", () => {
  const words = listFormerTools([renamed], { minus: "Call add with a negative number." });
  expect([...words.keys()]).toEqual(["plus", "minus"]);
  expect(words.get("minus")).toMatch(
    /^The tool minus was removed\. Call add with a negative number\. If you still have it/,
  );
});
