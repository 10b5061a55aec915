/** `npm run mcp -- prompt`: shows what a prompt of a server says. */
import { Argument, Command } from "commander";
import {
  addClientOptions,
  type ClientOptions,
  exitCodes,
  signInHelp,
  takePromptArguments,
} from "./client/options.ts";
import { takeValue } from "./options.ts";

const details = `${signInHelp}
Examples:
  npm run mcp -- prompt plan_trip '{"city": "Oslo"}'

${exitCodes}`;

/** `prompt <name> [arguments]` */
export function createCommand(): Command {
  const command = new Command("prompt")
    .description("Fills in a prompt, and prints its messages.")
    .argument("<name>", "name of the prompt", takeValue)
    .addArgument(
      new Argument("[arguments]", "its arguments: a JSON object of strings")
        .argParser(takePromptArguments)
        .default({}, "{}"),
    );
  return addClientOptions(command)
    .addHelpText("after", details)
    .action(async (name: string, args: Record<string, string>, options: ClientOptions) => {
      const { runClient } = await import("./client/run-client.ts");
      const { formatBlock } = await import("./client/show.ts");
      const { toJson } = await import("../terminal/format.ts");
      const answer = await runClient(options, (client, request) =>
        client.getPrompt({ name, arguments: args }, request),
      );
      if (options.json) return console.log(toJson(answer));
      const messages = answer.messages.map(
        ({ role, content }) => `${role}: ${formatBlock(content)}`,
      );
      console.log(messages.join("\n\n"));
    });
}
