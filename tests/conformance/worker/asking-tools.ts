import * as z from "zod";
import { defineFixtureTool } from "./fixture-tool.ts";

/** A choice with a title for each value (SEP-1330), which zod has no word for. */
const titled = (values: Readonly<Record<string, string>>) =>
  Object.entries(values).map(([value, title]) => ({ const: value, title }));

const options = ["option1", "option2", "option3"] as const;

const contact = z.object({
  username: z.string().describe("User's response"),
  email: z.string().describe("User's email address"),
});

/** A form with a default for each kind of field (SEP-1034). */
const formWithDefaults = z.object({
  name: z.string().default("John Doe"),
  age: z.int().default(30),
  score: z.number().default(95.5),
  status: z.enum(["active", "inactive", "pending"]).default("active"),
  verified: z.boolean().default(true),
});

/** A form with every kind of choice (SEP-1330). */
const formWithChoices = z.object({
  untitledSingle: z.enum(options),
  titledSingle: z.string().meta({
    oneOf: titled({ value1: "First Option", value2: "Second Option", value3: "Third Option" }),
  }),
  legacyEnum: z
    .enum(["opt1", "opt2", "opt3"])
    .meta({ enumNames: ["Option One", "Option Two", "Option Three"] }),
  untitledMulti: z.array(z.enum(options)),
  titledMulti: z.array(
    z.unknown().meta({
      anyOf: titled({ value1: "First Choice", value2: "Second Choice", value3: "Third Choice" }),
    }),
  ),
});

/** Tools that ask the client for one thing. */
export const askingTools = [
  defineFixtureTool({
    name: "test_sampling",
    description: "Has the client's model answer a prompt.",
    input: z.object({ prompt: z.string() }),
    async run({ prompt }, context) {
      const answer = await context.sample("answer", {
        messages: [{ role: "user", content: { type: "text", text: prompt } }],
        maxTokens: 100,
      });
      return `LLM response: ${answer}`;
    },
  }),
  defineFixtureTool({
    name: "test_missing_capability",
    description: "Needs a client that completes prompts.",
    run: (_args, context) =>
      context.sample("answer", {
        messages: [{ role: "user", content: { type: "text", text: "Say something." } }],
        maxTokens: 100,
      }),
  }),
  defineFixtureTool({
    name: "test_elicitation",
    description: "Asks the person for a name and an address.",
    input: z.object({ message: z.string() }),
    async run({ message }, context) {
      const reply = await context.ask("contact", { message, schema: contact });
      return `User response: ${JSON.stringify(reply)}`;
    },
  }),
  defineFixtureTool({
    name: "test_elicitation_sep1034_defaults",
    description: "Asks with a form whose fields have defaults.",
    async run(_args, context) {
      const reply = await context.ask("form", {
        message: "Please review the defaults",
        schema: formWithDefaults,
      });
      return `Elicitation completed: ${JSON.stringify(reply)}`;
    },
  }),
  defineFixtureTool({
    name: "test_elicitation_sep1330_enums",
    description: "Asks with a form that has every kind of choice.",
    async run(_args, context) {
      const reply = await context.ask("form", {
        message: "Please choose",
        schema: formWithChoices,
      });
      return `Elicitation completed: ${JSON.stringify(reply)}`;
    },
  }),
  defineFixtureTool({
    name: "test_streaming_elicitation",
    description: "Reports progress, and then asks the person.",
    async run(_args, context) {
      await context.progress(1, 2);
      const reply = await context.ask("confirm", {
        message: "Go on?",
        schema: z.object({ ok: z.boolean() }),
      });
      return `The person's answer: ${reply.action}`;
    },
  }),
];
