import * as z from "zod";
import { defineTool } from "./define-tool.ts";

/** Gives a person everything that is kept for them. */
export default defineTool({
  name: "export_my_data",
  title: "Export my data",
  description:
    "Returns everything this server keeps for this person (remembered values and history), page by page. Use it when they ask what is stored about them. Call it again with cursor until none comes back.",
  scope: "memory:read",
  input: z.object({ cursor: z.string().optional().describe("From the page before") }),
  output: z.object({
    entries: z.array(
      z.object({
        collection: z.string(),
        key: z.string(),
        value: z.json(),
        updatedAt: z.iso.datetime(),
      }),
    ),
    cursor: z.string().optional().describe("There is more: pass it for the next page"),
  }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  // The storage gives a page of up to so many bytes; the text says it once more.
  resultLimit: 1_048_576,
  async run({ cursor }, { state }) {
    const page = await state.exportPage(cursor);
    const entries = page.entries.map((entry) => ({
      ...entry,
      updatedAt: new Date(entry.updatedAt).toISOString(),
    }));
    return {
      structured: { entries, ...(page.cursor !== undefined && { cursor: page.cursor }) },
      text: `${entries.length} entries${page.cursor === undefined ? ", and that is all." : "; there is more."}`,
    };
  },
});
