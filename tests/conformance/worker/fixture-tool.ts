import type { ContentBlock } from "@modelcontextprotocol/server";
import * as z from "zod";
import { defineTool, type Tool, type ToolContext } from "../../../worker/kit/index.ts";

/** What a tool of the suite is, beside what all of them share. */
interface FixtureTool<Input extends z.ZodObject> {
  readonly name: string;
  readonly description: string;
  /** Default: no arguments. */
  readonly input?: Input;
  /** @returns a text, or all the content of the answer. */
  run(
    args: z.infer<Input>,
    context: ToolContext,
  ): Promise<string | readonly ContentBlock[]> | string | readonly ContentBlock[];
}

/** No arguments, and no values. */
const nothing = z.object({});

/** A tool of the suite, which answers with content only. */
export function defineFixtureTool<Input extends z.ZodObject = typeof nothing>({
  name,
  description,
  input = nothing as unknown as Input,
  run,
}: FixtureTool<Input>): Tool {
  return defineTool({
    name,
    title: name,
    description,
    scope: "demo:use",
    input,
    output: nothing,
    annotations: { readOnlyHint: true, openWorldHint: false },
    async run(args, context) {
      const content = await run(args, context);
      return typeof content === "string"
        ? { structured: {}, text: content }
        : { structured: {}, text: "", content };
    },
  });
}
