import * as z from "zod";
import { defineTool } from "../kit/index.ts";
import { collections } from "./collections.ts";

/** Characters of a remembered text at most. */
const longestText = 8000;

/** Keeps a value for the person, under a name. */
export default defineTool({
  name: "remember",
  title: "Remember a value",
  description: `Keeps a number or text for this person under a name, replacing what the name had. Use it when the person asks to remember something; every app they connect sees it. Names: 1 to 100 characters; texts: at most ${longestText}.`,
  scope: "memory:write",
  input: z.object({
    name: z.string().trim().min(1).max(100).describe("Such as vat_rate"),
    value: z.union([z.number(), z.string().max(longestText)]).describe("What to keep"),
  }),
  output: z.object({ name: z.string(), replaced: z.boolean().describe("Whether it had a value") }),
  annotations: {
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: true,
    openWorldHint: false,
  },
  async run({ name, value }, { state }) {
    const before = await state.get(collections.values, name);
    await state.put(collections.values, name, value);
    const replaced = before !== undefined;
    return {
      structured: { name, replaced },
      text: `${replaced ? "Replaced" : "Remembered"} ${name}.`,
    };
  },
});
