/** The words that a model gets for a bad call. What the source holds, `npm run check:tools` reads. */
import { expect, test } from "vitest";
import { type CallOptions, callTool } from "../../tests/support/worker/call-tool.ts";
import { findMessageProblems } from "../../tests/support/worker/message-rules.ts";
import { tools } from "./index.ts";

/** A bad call, and what its error has to name. */
type BadCall = readonly [
  tool: string,
  args: Readonly<Record<string, unknown>>,
  named: string,
  options?: CallOptions,
];

const badCalls: readonly BadCall[] = [
  ["add", { a: 1e308, b: 1e308 }, "sum"],
  ["add", { a: "1", b: 2 }, "a: "],
  ["add", { a: 1 }, "b: "],
  ["calculate", { expression: "" }, "expression: "],
  ["calculate", { expression: "1".repeat(501) }, "500"],
  ["calculate", { expression: "2 +" }, "1:"],
  ["calculate", { expression: "root(4)" }, '"root"'],
  ["calculate", { expression: "x" }, '"x"'],
  ["calculate", { expression: "1/0" }, "zero"],
  ["calculate", { expression: "0/0" }, "no real value"],
  ["calculate", { expression: "200!" }, "170"],
  ["calculate", { expression: "gcd(1.5, 2)" }, "gcd"],
  ["calculate", { expression: "sqrt(1, 2)" }, "sqrt"],
  ["calculate", { expression: "1, 2" }, "incomplete"],
  ["statistics", { numbers: [1e308, 1e308] }, "numbers"],
  ["statistics", { numbers: [] }, "numbers: "],
  ["statistics", { numbers: [1, "2"] }, "numbers.1: "],
  ["choose_unit", { value: 1, from: "parsec" }, "from: "],
  ["random_walk", { steps: 0.5 }, "steps: "],
  ["random_walk", { steps: 501 }, "500"],
  ["remember", { name: "", value: 1 }, "name: "],
  ["remember", { name: "n", value: "x".repeat(8001) }, "8000"],
  ["recall", { name: "never kept" }, '"never kept"'],
  ["recall", { cursor: "made up" }, "cursor"],
  ["recall", { limit: 201 }, "200"],
  ["forget", {}, "name: "],
  ["history", { limit: 0 }, "limit: "],
  ["export_my_data", { cursor: "made up" }, "cursor"],
  ["delete_my_data", { confirm: "yes" }, "confirm: "],
  ["whoami", {}, "profile:read", { scopes: ["math:use"] }],
];

function findTool(name: string) {
  const tool = tools.find((found) => found.name === name);
  if (tool === undefined) throw new Error(`There is no tool "${name}".`);
  return tool;
}

test.for(badCalls)(
  "%s with %j is told %s, and what to do",
  async ([name, args, named, options]) => {
    const { isError, text } = await callTool(findTool(name), args, options);
    expect(isError).toBe(true);
    expect(text).toContain(named);
    expect(findMessageProblems(text)).toEqual([]);
  },
);

test("a bad call of every tool is in the table", () => {
  expect(
    tools.map(({ name }) => name).filter((name) => !badCalls.some(([bad]) => bad === name)),
  ).toEqual([]);
});

test("every argument that is wrong is named, whichever tool it is", async () => {
  for (const tool of tools) {
    const names = Object.keys(tool.input.shape);
    const args = Object.fromEntries(names.map((name) => [name, { wrong: true }]));
    if (names.length === 0) continue;
    const { isError, text } = await callTool(tool, args);
    expect(isError, tool.name).toBe(true);
    for (const name of names) expect(text, tool.name).toMatch(new RegExp(`(\\. |; )${name}: \\S`));
    expect(findMessageProblems(text), `${tool.name}: ${text}`).toEqual([]);
  }
});
