import { expect, test } from "vitest";
import { callTool } from "../../tests/support/worker/call-tool.ts";
import add from "./add.ts";

test("it adds two numbers, for programs and in words", async () => {
  expect(await callTool(add, { a: 2, b: 40.5 })).toEqual({
    structured: { sum: 42.5 },
    text: "42.5",
    isError: false,
  });
});

test("a sum beyond a 64-bit float is refused, and what to do is said", async () => {
  const { isError, text } = await callTool(add, { a: 1e308, b: 1e308 });
  expect(isError).toBe(true);
  expect(text).toBe("The sum is too large for a 64-bit float. Use smaller numbers.");
});
