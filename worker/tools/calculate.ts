import * as z from "zod";
import { type CallContext, defineTool, ToolError } from "../kit/index.ts";
import { collections, historyLimit } from "./collections.ts";
import { constants, evaluate, functionNames, longestExpression } from "./expression.ts";

/** Evaluates arithmetic, and keeps what it did if the person allowed it to remember. */
export default defineTool({
  name: "calculate",
  title: "Calculate an expression",
  description: `Evaluates an arithmetic expression and returns its value. Use it for anything beyond one addition. Operators: + - * / % ^ ! and parentheses; constants: ${Object.keys(constants).join(", ")}; angles in radians; functions: ${functionNames.join(", ")}. At most ${longestExpression} characters; no variables.`,
  scope: "math:use",
  input: z.object({
    expression: z
      .string()
      .min(1)
      .max(longestExpression)
      .describe("Such as 2 * (3 + 4)^2 or sqrt(2) / 2"),
  }),
  output: z.object({ value: z.number().describe("Value as a 64-bit float") }),
  // What it writes is a record of itself; nothing that the person keeps is changed.
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  async run({ expression }, context) {
    const value = evaluate(expression);
    await record(expression, value, context);
    return { structured: { value }, text: String(value) };
  },
});

/** A full storage is no reason to keep the value from whoever asked for it. */
async function record(
  expression: string,
  value: number,
  { isGranted, state, log }: CallContext,
): Promise<void> {
  if (!isGranted("memory:write")) return;
  try {
    await state.append(collections.history, { expression, value }, historyLimit);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    await log("warning", `The history was not written. ${error.message}`);
  }
}
