/** `npm run mcp -- read`: reads a resource of a server. */
import { Command } from "commander";
import { addClientOptions, type ClientOptions, exitCodes, signInHelp } from "./client/options.ts";
import { takeValue } from "./options.ts";

const details = `${signInHelp}
Examples:
  npm run mcp -- read memory://values
  npm run mcp -- read memory://values --json

${exitCodes}`;

/** `read <uri>` */
export function createCommand(): Command {
  const command = new Command("read")
    .description("Reads a resource, and prints what is in it.")
    .argument("<uri>", "URI of the resource, as `list` has it", takeValue);
  return addClientOptions(command)
    .addHelpText("after", details)
    .action(async (uri: string, options: ClientOptions) => {
      const { runClient } = await import("./client/run-client.ts");
      const { formatContents } = await import("./client/show.ts");
      const { toJson } = await import("../terminal/format.ts");
      const answer = await runClient(options, (client, request) =>
        client.readResource({ uri }, request),
      );
      if (options.json) console.log(toJson(answer));
      else console.log(answer.contents.map(formatContents).join("\n"));
    });
}
