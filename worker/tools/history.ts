import * as z from "zod";
import { defineTool } from "../kit/index.ts";
import { collections, historyLimit } from "./collections.ts";
import { readCalculation } from "./read-calculation.ts";

/** Lists what the person had calculated. */
export default defineTool({
  name: "history",
  title: "List past calculations",
  description: `Returns what calculate evaluated for this person, newest first. Use it to refer to an earlier result. The last ${historyLimit} are kept, and only those made with the scope memory:write.`,
  scope: "memory:read",
  input: z.object({
    limit: z.int().min(1).max(historyLimit).default(20).describe("Calculations at most"),
  }),
  output: z.object({
    calculations: z
      .array(
        z.object({
          expression: z.string().describe("As it was given"),
          value: z.number(),
          at: z.iso.datetime(),
        }),
      )
      .describe("Newest first"),
  }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  async run({ limit }, { state }) {
    const { entries } = await state.list(collections.history, { limit, isReversed: true });
    const calculations = entries.map(readCalculation);
    const lines = calculations.map(({ expression, value }) => `${expression} = ${value}`);
    return {
      structured: { calculations },
      text: lines.length === 0 ? "Nothing was calculated yet." : lines.join("\n"),
    };
  },
});
