/** `npm run mcp -- list`: what a server offers to the person who signed in. */
import { Command } from "commander";
import { addClientOptions, type ClientOptions, exitCodes, signInHelp } from "./client/options.ts";

const details = `${signInHelp}
Examples:
  npm run mcp -- list
  npm run mcp -- list roll_dice      the whole entry, with its arguments' schema

${exitCodes}`;

/** `list [name]` */
export function createCommand(): Command {
  const command = new Command("list")
    .description("Lists the tools, resources and prompts of a server.")
    .argument("[name]", "shows one of them whole: a tool's or prompt's name, a resource's URI");
  return addClientOptions(command)
    .addHelpText("after", details)
    .action(async (name: string | undefined, options: ClientOptions) => {
      const { runClient } = await import("./client/run-client.ts");
      const { findEntry, formatOffer, readOffer } = await import("./client/offer.ts");
      const { toJson } = await import("../terminal/format.ts");
      const offer = await runClient(options, readOffer);
      if (name !== undefined) console.log(toJson(findEntry(offer, name)));
      else console.log(options.json ? toJson(offer) : formatOffer(offer));
    });
}
