import * as z from "zod";
import { defineTool, ToolError } from "../kit/index.ts";

/** Adds two numbers: the smallest complete tool, to copy from. */
export default defineTool({
  name: "add",
  title: "Add two numbers",
  description:
    "Adds two numbers and returns their sum. Use it for any addition of two finite numbers; results beyond the range of a 64-bit float are refused.",
  scope: "math:use",
  input: z.object({
    a: z.number().describe("First number"),
    b: z.number().describe("Second number"),
  }),
  output: z.object({ sum: z.number().describe("a + b") }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  run({ a, b }) {
    const sum = a + b;
    if (!Number.isFinite(sum)) {
      throw new ToolError("The sum is too large for a 64-bit float. Use smaller numbers.");
    }
    return { structured: { sum }, text: String(sum) };
  },
});
