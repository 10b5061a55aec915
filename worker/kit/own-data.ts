import * as z from "zod";
import { defineTool } from "./define-tool.ts";

/** Options of the two tools with which people read and delete what is stored for them. */
export interface OwnDataOptions<Scope extends string> {
  /** Scope that the tool needs, from the server's catalogue. */
  readonly scope: Scope;
  /** What the server's tools keep, in words for people. Default: what its tools stored. */
  readonly keeps?: string;
}

const usually = "what its tools stored";

/** The tool `export_my_data`, which gives a person everything that is kept for them. */
export function exportMyData<const Scope extends string>({
  scope,
  keeps = usually,
}: OwnDataOptions<Scope>) {
  return defineTool({
    name: "export_my_data",
    title: "Export my data",
    description: `Returns everything this server keeps for this person (${keeps}), page by page. Use it when they ask what is stored about them. Call it again with cursor until none comes back.`,
    scope,
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
    // The storage gives a page of up to so many bytes; the text repeats it.
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
}

/** The tool `delete_my_data`, which deletes everything that is kept for a person, after they said yes. */
export function deleteMyData<const Scope extends string>({
  scope,
  keeps = usually,
}: OwnDataOptions<Scope>) {
  return defineTool({
    name: "delete_my_data",
    title: "Delete my data",
    description: `Deletes everything this server keeps for this person (${keeps}), for good. Use it only when they ask for that. Asks the person to confirm; if the app cannot ask, pass confirm: true after they said yes.`,
    scope,
    input: z.object({
      confirm: z.boolean().default(false).describe("True once the person has said yes to you"),
    }),
    output: z.object({
      deleted: z.boolean(),
      entries: z.int().describe("How many entries were deleted"),
    }),
    annotations: {
      readOnlyHint: false,
      destructiveHint: true,
      idempotentHint: true,
      openWorldHint: false,
    },
    async run({ confirm }, { ask, state }) {
      const reply = await ask("confirm", {
        message: `Delete everything that is kept for you (${keeps}), for good?`,
        schema: z.object({ delete: z.boolean().describe("Yes, delete everything") }),
        isOptional: true,
      });
      const isMeant =
        reply.action === "unsupported"
          ? confirm
          : reply.action === "accept" && reply.content.delete;
      if (!isMeant) {
        const text =
          reply.action === "unsupported"
            ? "Nothing was deleted. Ask the person, then call again with confirm: true."
            : "Nothing was deleted: the person did not confirm it.";
        return { structured: { deleted: false, entries: 0 }, text };
      }
      const entries = await state.deleteAll();
      return { structured: { deleted: true, entries }, text: `Deleted ${entries} entries.` };
    },
  });
}
