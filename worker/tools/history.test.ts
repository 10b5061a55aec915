import { expect, test } from "vitest";
import { callTool } from "../../tests/support/worker/call-tool.ts";
import calculate from "./calculate.ts";
import { historyLimit } from "./collections.ts";
import history from "./history.ts";

test("the newest calculation comes first, as many as were asked for", async () => {
  const person = "calculates";
  const scopes = ["math:use", "memory:write"];
  for (const expression of ["1", "1+1", "1+2"]) {
    await callTool(calculate, { expression }, { person, scopes });
  }
  const { structured, text } = await callTool(history, { limit: 2 }, { person });
  expect(structured?.calculations).toEqual([
    { expression: "1+2", value: 3, at: expect.stringMatching(/^\d{4}-.*Z$/) },
    { expression: "1+1", value: 2, at: expect.any(String) },
  ]);
  expect(text).toBe("1+2 = 3\n1+1 = 2");
});

test("only the last hundred are kept", async () => {
  const person = "calculates a lot";
  const scopes = ["math:use", "memory:write"];
  for (let n = 1; n <= historyLimit + 2; n++) {
    await callTool(calculate, { expression: String(n) }, { person, scopes });
  }
  const { structured } = await callTool(history, { limit: historyLimit }, { person });
  const values = structured?.calculations.map(({ value }) => value);
  expect(values).toEqual(Array.from({ length: historyLimit }, (_, n) => historyLimit + 2 - n));
});

test("without calculations it says so", async () => {
  const { structured, text } = await callTool(history, {}, { person: "new here" });
  expect(structured).toEqual({ calculations: [] });
  expect(text).toBe("Nothing was calculated yet.");
});
