import * as z from "zod";
import { defineTool } from "../kit/index.ts";
import { collections } from "./collections.ts";

/** Deletes one remembered value. */
export default defineTool({
  name: "forget",
  title: "Forget a value",
  description:
    "Deletes the one value that remember kept under a name, for good. Use it when the person asks to forget it. A name without a value is not an error.",
  scope: "memory:write",
  input: z.object({
    name: z.string().trim().min(1).max(100).describe("Exact name; at most 100 characters"),
  }),
  output: z.object({ forgotten: z.boolean().describe("False if nothing had that name") }),
  annotations: {
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: true,
    openWorldHint: false,
  },
  async run({ name }, { state }) {
    const forgotten = await state.delete(collections.values, name);
    return {
      structured: { forgotten },
      text: forgotten ? `Forgot ${name}.` : `Nothing was remembered as ${name}.`,
    };
  },
});
