import { expect, test } from "vitest";
import { callTool } from "../../tests/support/worker/call-tool.ts";
import calculate from "./calculate.ts";
import history from "./history.ts";

/** What it says of an expression that it refuses. */
async function refuse(expression: string): Promise<string> {
  const { isError, text } = await callTool(calculate, { expression });
  expect(isError, expression).toBe(true);
  return text;
}

test.for<[string, number]>([
  ["2 + 3 * 4", 14],
  ["(2 + 3) * 4", 20],
  ["10 - 4 - 3", 3],
  ["100 / 10 / 5", 2],
  ["7 % 4 * 2", 6],
  ["-2^2", -4],
  ["2^3^2", 512],
  ["2^-1", 0.5],
  ["-3!", -6],
  ["2 * -3", -6],
  ["2 * pi", 2 * Math.PI],
  ["tau / 2 - pi", 0],
  ["sqrt(16) + hypot(3, 4)", 9],
  ["round(2.345, 1)", 2.3],
  ["min(3, 1, 2) + max(3, 1, 2)", 4],
  ["gcd(12, 18)", 6],
  ["ln(e) + log10(100) + log2(8)", 6],
  ["1e3 + .5", 1000.5],
])("%s is %d", async ([expression, value]) => {
  const { structured, text } = await callTool(calculate, { expression });
  expect(structured).toEqual({ value });
  expect(text).toBe(String(value));
});

test.for([
  ["2 * (3", /cannot be read: Unclosed \( at 1:7\. Example: /],
  ["2 +", /cannot be read: Unexpected token at 1:\d+\. Example: /],
  ["2 pi", /cannot be read: .* Example: /],
  ["1, 2", /incomplete\. Example: /],
  [" ", /empty\. Example: /],
  ["root(4)", /"root" is no function\. There are: abs, sqrt, /],
  ["x + 1", /"x" has no value\. There are: pi, e, tau, phi\. /],
  ["sqrt(1, 2)", /Arguments of sqrt: 1 wanted, 2 given\. Change it/],
  ["hypot()", /Arguments of hypot: 1 to 50 wanted, 0 given\. Change it/],
  ["1 / 0", /divides by zero\. Change it/],
  ["10^400", /too large .* Change it/],
  ["sqrt(-1)", /no real value .* Change it/],
  ["171!", /whole number from 0 to 170\. Change it/],
  ["gcd(1.5, 2)", /gcd is of whole numbers\. Change it/],
] as const)("%s is refused with the reason and the next step", async ([expression, words]) => {
  expect(await refuse(expression)).toMatch(words);
});

test("500 characters are computed, and one more is refused", async () => {
  const longest = `1${" ".repeat(498)}!`;
  expect((await callTool(calculate, { expression: longest })).structured).toEqual({ value: 1 });
  expect(await refuse(`${longest}!`)).toMatch(/expression: .*500/);
});

test("the deepest nesting that fits is computed", async () => {
  for (const expression of [
    `${"(".repeat(249)}1${")".repeat(249)}`,
    `${"-".repeat(498)}1`,
    `${"abs(".repeat(99)}1${")".repeat(99)}`,
    `1${"^1".repeat(249)}`,
    `1${"!".repeat(499)}`,
  ]) {
    expect((await callTool(calculate, { expression })).structured).toEqual({ value: 1 });
  }
});

test("nothing of JavaScript can be reached", async () => {
  for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty", "globalThis"]) {
    expect(await refuse(name)).toContain(`"${name}" has no value`);
    expect(await refuse(`${name}(1)`)).toContain(`"${name}" is no function`);
    expect(await refuse(`pi.${name}`)).toContain("cannot be read");
  }
  for (const expression of ["pi = 3", "'a'", "[1]", "{}", "1; 2", "x => x", "`1`", "1 ? 2 : 3"]) {
    expect(await refuse(expression)).toMatch(/cannot be read/);
  }
});

test("what was calculated is kept for a person who allowed it, and for nobody else", async () => {
  const allowed = { person: "calculates", scopes: ["math:use", "memory:write"] };
  await callTool(calculate, { expression: "1 + 1" }, allowed);
  await callTool(calculate, { expression: "1 +" }, allowed);
  await callTool(calculate, { expression: "2 + 2" }, { ...allowed, scopes: ["math:use"] });
  await callTool(calculate, { expression: "3 + 3" }, { ...allowed, person: "somebody else" });
  const { structured } = await callTool(history, {}, { person: "calculates" });
  expect(structured?.calculations).toMatchObject([{ expression: "1 + 1", value: 2 }]);
});
