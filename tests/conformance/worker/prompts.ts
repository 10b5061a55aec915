import { completable } from "@modelcontextprotocol/server";
import * as z from "zod";
import { definePrompt, type Prompt } from "../../../worker/kit/define-prompt.ts";
import { redPixel } from "./samples.ts";

const toMessage = (text: string) => ({ role: "user", content: { type: "text", text } }) as const;

/** The prompts that the suite gets. */
export const prompts: readonly Prompt[] = [
  definePrompt({
    name: "test_simple_prompt",
    title: "Simple prompt",
    description: "A prompt without arguments.",
    scope: "demo:use",
    args: z.object({}),
    write: () => [toMessage("This is a simple prompt for testing.")],
  }),
  definePrompt({
    name: "test_prompt_with_arguments",
    title: "Prompt with arguments",
    description: "A prompt with two arguments.",
    scope: "demo:use",
    args: z.object({
      arg1: completable(z.string(), (typed) =>
        ["testing", "parrot"].filter((value) => value.startsWith(typed)),
      ),
      arg2: z.string(),
    }),
    write: ({ arg1, arg2 }) => [toMessage(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)],
  }),
  definePrompt({
    name: "test_prompt_with_embedded_resource",
    title: "Prompt with a resource",
    description: "A prompt that brings a resource.",
    scope: "demo:use",
    args: z.object({ resourceUri: z.string() }),
    write: ({ resourceUri }) => [
      {
        role: "user",
        content: {
          type: "resource",
          resource: {
            uri: resourceUri,
            mimeType: "text/plain",
            text: "Embedded resource content for testing.",
          },
        },
      },
      toMessage("Please process the embedded resource above."),
    ],
  }),
  definePrompt({
    name: "test_prompt_with_image",
    title: "Prompt with a picture",
    description: "A prompt that brings a picture.",
    scope: "demo:use",
    args: z.object({}),
    write: () => [
      { role: "user", content: { type: "image", data: redPixel, mimeType: "image/png" } },
      toMessage("Please analyze the image above."),
    ],
  }),
  definePrompt({
    name: "test_input_required_result_prompt",
    title: "Prompt that asks",
    description: "A prompt that asks the person first.",
    scope: "demo:use",
    args: z.object({}),
    async write(_args, context) {
      const reply = await context.ask("user_context", {
        message: "What context should the prompt use?",
        schema: z.object({ context: z.string() }),
      });
      const given = reply.action === "accept" ? reply.content.context : "none";
      return [toMessage(`The context: ${given}`)];
    },
  }),
];
