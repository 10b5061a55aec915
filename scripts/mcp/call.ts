/** `npm run mcp -- call`: calls a tool of a server from the shell. */
import { styleText } from "node:util";
import { Argument, Command } from "commander";
import {
  addClientOptions,
  type ClientOptions,
  exitCodes,
  signInHelp,
  takeArguments,
} from "./client/options.ts";
import { takeValue } from "./options.ts";

const details = `${signInHelp}
Examples:
  npm run mcp -- call roll_dice
  npm run mcp -- call roll_dice '{"dice": 5, "keep": 2}' --json
  npm run mcp -- call roll_dice --stack prod

${exitCodes}A tool that says that it failed counts as failed; what it says goes to the standard error.
`;

/** `call <tool> [arguments]` */
export function createCommand(): Command {
  const command = new Command("call")
    .description("Calls a tool, and prints what it answers.")
    .argument("<tool>", "name of the tool", takeValue)
    .addArgument(
      new Argument("[arguments]", "its arguments: a JSON object")
        .argParser(takeArguments)
        .default({}, "{}"),
    );
  return addClientOptions(command)
    .addHelpText("after", details)
    .action(async (name: string, args: Record<string, unknown>, options: ClientOptions) => {
      const { runClient } = await import("./client/run-client.ts");
      const { formatAnswer } = await import("./client/show.ts");
      const { toJson } = await import("../terminal/format.ts");
      const answer = await runClient(options, (client, request) =>
        client.callTool({ name, arguments: args }, request),
      );
      if (answer.isError) process.exitCode = 1;
      if (options.json) console.log(toJson(answer));
      else if (!answer.isError) console.log(formatAnswer(answer));
      else console.error(styleText("red", formatAnswer(answer), { stream: process.stderr }));
    });
}
