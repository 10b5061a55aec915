import { inputRequired } from "@modelcontextprotocol/server";
import * as z from "zod";
import type { CallContext } from "../../../worker/kit/index.ts";
import { defineFixtureTool } from "./fixture-tool.ts";

const nameForm = z.object({ name: z.string() });
const confirmation = z.object({ ok: z.boolean() });

const askName = (context: CallContext, key: string, message: string) =>
  context.ask(key, { message, schema: nameForm });

/** Tools whose calls take several rounds (SEP-2322). */
export const roundTools = [
  defineFixtureTool({
    name: "test_input_required_result_elicitation",
    description: "Asks the person for a name.",
    async run(_args, context) {
      const reply = await askName(context, "user_name", "What is your name?");
      return reply.action === "accept" ? `Hello, ${reply.content.name}!` : "Hello!";
    },
  }),
  defineFixtureTool({
    name: "test_input_required_result_sampling",
    description: "Has the client's model answer a question.",
    run: (_args, context) =>
      context.sample("capital_question", {
        messages: [
          { role: "user", content: { type: "text", text: "What is the capital of France?" } },
        ],
        maxTokens: 100,
      }),
  }),
  defineFixtureTool({
    name: "test_input_required_result_list_roots",
    description: "Asks the client for its roots.",
    async run(_args, context) {
      const { client_roots: answer } = await context.requestInput({
        client_roots: inputRequired.listRoots(),
      });
      return answer?.kind === "roots"
        ? `Roots: ${answer.roots.map(({ uri }) => uri).join(", ")}`
        : "No roots.";
    },
  }),
  defineFixtureTool({
    name: "test_input_required_result_request_state",
    description: "Asks for a yes, and gets back what it gave the client to keep.",
    async run(_args, context) {
      await context.ask("confirm", { message: "Please confirm", schema: confirmation });
      return "state-ok";
    },
  }),
  defineFixtureTool({
    name: "test_input_required_result_tampered_state",
    description: "Asks for a yes, and takes no state that somebody changed.",
    async run(_args, context) {
      await context.ask("confirm", { message: "Please confirm", schema: confirmation });
      return "The state was not changed.";
    },
  }),
  defineFixtureTool({
    name: "test_input_required_result_multiple_inputs",
    description: "Asks for three things in one round.",
    async run(_args, context) {
      const answers = await context.requestInput({
        user_name: inputRequired.elicit({
          message: "What is your name?",
          requestedSchema: nameForm,
        }),
        greeting: inputRequired.createMessage({
          messages: [{ role: "user", content: { type: "text", text: "Generate a greeting" } }],
          maxTokens: 50,
        }),
        client_roots: inputRequired.listRoots(),
      });
      const kinds = Object.entries(answers).map(([key, { kind }]) => `${key}: ${kind}`);
      return `Got ${kinds.join(", ")}.`;
    },
  }),
  defineFixtureTool({
    name: "test_input_required_result_multi_round",
    description: "Asks twice, one after the other.",
    async run(_args, context) {
      const first = await askName(context, "step1", "Step 1: What is your name?");
      const second = await context.ask("step2", {
        message: "Step 2: What is your favorite color?",
        schema: z.object({ color: z.string() }),
      });
      if (first.action !== "accept" || second.action !== "accept") return "Not answered.";
      return `${first.content.name} likes ${second.content.color}.`;
    },
  }),
  defineFixtureTool({
    name: "test_input_required_result_capabilities",
    description: "Asks the person where the client can, and its model otherwise.",
    async run(_args, context) {
      const reply = await context.ask("user_name", {
        message: "What is your name?",
        schema: nameForm,
        isOptional: true,
      });
      if (reply.action !== "unsupported") return `The person's answer: ${reply.action}`;
      return context.sample("greeting", {
        messages: [{ role: "user", content: { type: "text", text: "Generate a greeting" } }],
        maxTokens: 50,
      });
    },
  }),
];
