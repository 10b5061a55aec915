import { expect, test } from "vitest";
import * as z from "zod";
import { defineTool } from "../../worker/kit/index.ts";
import { estimateTokens } from "./token-cost.ts";

test("what a tool says of itself and of its values counts, and its code does not", () => {
  const make = (words: string, run = () => ({ structured: {}, text: "" })) =>
    defineTool({
      name: "tried",
      title: "Tried",
      description: words,
      scope: "text:use",
      input: z.object({ x: z.string().describe(words) }),
      output: z.object({}),
      annotations: {},
      run,
    });
  const short = estimateTokens(make(""));
  expect(estimateTokens(make("x".repeat(400)))).toBe(short + 200);
  expect(estimateTokens(make("", () => ({ structured: {}, text: "a longer one" })))).toBe(short);
});
