import { expect, test } from "vitest";
import { callTool } from "../../tests/support/worker/call-tool.ts";
import recall from "./recall.ts";
import remember from "./remember.ts";

test("a value is kept under its name, and a second one replaces it", async () => {
  const person = "replaces";
  const first = await callTool(remember, { name: " vat_rate ", value: 0.19 }, { person });
  expect(first).toMatchObject({
    structured: { name: "vat_rate", replaced: false },
    text: "Remembered vat_rate.",
  });
  const second = await callTool(remember, { name: "vat_rate", value: "nineteen" }, { person });
  expect(second).toMatchObject({
    structured: { name: "vat_rate", replaced: true },
    text: "Replaced vat_rate.",
  });
  const { structured } = await callTool(recall, { name: "vat_rate" }, { person });
  expect(structured?.values).toMatchObject([{ name: "vat_rate", value: "nineteen" }]);
});

test("nobody sees what another person keeps", async () => {
  await callTool(remember, { name: "pin", value: 1 }, { person: "keeps" });
  const { isError, text } = await callTool(recall, { name: "pin" }, { person: "looks" });
  expect(isError).toBe(true);
  expect(text).toContain('Nothing is remembered as "pin"');
});

test("names and texts that are too long or empty are refused with the bound", async () => {
  const long = await callTool(remember, { name: "n".repeat(101), value: 1 });
  expect(long.text).toMatch(/name: .*<=100/);
  const empty = await callTool(remember, { name: "  ", value: 1 });
  expect(empty.text).toMatch(/name: .*>=1/);
  const text = await callTool(remember, { name: "text", value: "x".repeat(8001) });
  expect(text.text).toMatch(/value: .*8000/);
});
