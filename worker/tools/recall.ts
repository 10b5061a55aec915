import * as z from "zod";
import { defineTool, ToolError } from "../kit/index.ts";
import { collections } from "./collections.ts";

/** Values of a page at most. */
const longestPage = 200;

const remembered = z.object({
  name: z.string(),
  value: z.union([z.number(), z.string()]),
  updatedAt: z.iso.datetime(),
});

/** Gives back what `remember` kept. */
export default defineTool({
  name: "recall",
  title: "Recall remembered values",
  description: `Returns what remember kept for this person: one value by its exact name, or a page of all, sorted by name. Use it before asking the person again. At most ${longestPage} values a page, names of 100 characters; pass cursor for the next one.`,
  scope: "memory:read",
  input: z.object({
    name: z.string().max(100).optional().describe("Exact name; leave out for a list"),
    prefix: z.string().max(100).optional().describe("List only names that begin so"),
    limit: z.int().min(1).max(longestPage).default(50).describe("Values of the page"),
    cursor: z.string().optional().describe("From the page before, with the same prefix"),
  }),
  output: z.object({
    values: z.array(remembered),
    cursor: z.string().optional().describe("There is more: pass it for the next page"),
  }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  async run({ name, prefix, limit, cursor }, { state }) {
    if (name !== undefined) {
      const entry = await state.get(collections.values, name);
      if (entry === undefined) {
        throw new ToolError(`Nothing is remembered as "${name}". Call recall without a name.`);
      }
      const value = toRemembered(entry);
      return { structured: { values: [value] }, text: String(value.value) };
    }
    const page = await state.list(collections.values, {
      limit,
      ...(prefix !== undefined && { prefix }),
      ...(cursor !== undefined && { cursor }),
    });
    const values = page.entries.map(toRemembered);
    const lines = values.map((entry) => `${entry.name} = ${entry.value}`);
    return {
      structured: { values, ...(page.cursor !== undefined && { cursor: page.cursor }) },
      text: lines.length === 0 ? "Nothing is remembered." : lines.join("\n"),
    };
  },
});

function toRemembered({
  key,
  value,
  updatedAt,
}: {
  key: string;
  value: unknown;
  updatedAt: number;
}) {
  return {
    name: key,
    value: typeof value === "number" ? value : String(value),
    updatedAt: new Date(updatedAt).toISOString(),
  };
}
