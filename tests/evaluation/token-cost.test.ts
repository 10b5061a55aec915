import { expect, test } from "vitest";
import * as z from "zod";
import { defineTool } from "../../worker/kit/define-tool.ts";
import { tools } from "../../worker/tools/index.ts";
import budgets from "../bench/budgets.json" with { type: "json" };
import { estimateTokens } from "./token-cost.ts";

const { tokensOfOne, tokensOfAll } = budgets.toolDefinitions;

test("the definitions of the tools stay within their budget of tokens, each and in all", () => {
  const costs = tools.map((tool) => ({ name: tool.name, tokens: estimateTokens(tool) }));
  const all = costs.reduce((sum, { tokens }) => sum + tokens, 0);
  const rows = [
    ...costs.toSorted((a, b) => b.tokens - a.tokens),
    { name: `all (budget ${tokensOfAll}, of one ${tokensOfOne})`, tokens: all },
  ];
  const lines = rows.map(({ name, tokens }) => `${String(tokens).padStart(6)} ${name}`);
  console.log(["Tokens of the tools' definitions (bytes of JSON / 4):", ...lines].join("\n"));
  expect(costs.filter(({ tokens }) => tokens > tokensOfOne)).toEqual([]);
  expect(all).toBeLessThanOrEqual(tokensOfAll);
});

test("what a tool says of itself and of its values counts, and its code does not", () => {
  const make = (words: string, run = () => ({ structured: {}, text: "" })) =>
    defineTool({
      name: "tried",
      title: "Tried",
      description: words,
      scope: "math:use",
      input: z.object({ x: z.string().describe(words) }),
      output: z.object({}),
      annotations: {},
      run,
    });
  const short = estimateTokens(make(""));
  expect(estimateTokens(make("x".repeat(400)))).toBe(short + 200);
  expect(estimateTokens(make("", () => ({ structured: {}, text: "a longer one" })))).toBe(short);
});
