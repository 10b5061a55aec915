import * as z from "zod";
import { defineTool } from "./define-tool.ts";

/** Deletes everything that is kept for a person, after they said yes. */
export default defineTool({
  name: "delete_my_data",
  title: "Delete my data",
  description:
    "Deletes everything this server keeps for this person (remembered values and history), for good. Use it only when they ask for that. Asks the person to confirm; where the app cannot ask, pass confirm: true after they said yes.",
  scope: "memory:write",
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
      message: "Delete all that is remembered for you, and your history, for good?",
      schema: z.object({ delete: z.boolean().describe("Yes, delete everything") }),
      isOptional: true,
    });
    const isMeant = reply.action === "unsupported" ? confirm : isYes(reply);
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

function isYes(reply: {
  readonly action: string;
  readonly content?: { readonly delete: boolean };
}) {
  return reply.action === "accept" && reply.content?.delete === true;
}
