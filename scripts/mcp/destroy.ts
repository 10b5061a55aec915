/** `npm run mcp -- destroy`: deletes a stack, and says before what goes for good. */
import { Command } from "commander";
import { createProgress } from "../terminal/progress.ts";
import type { DestroyOptions } from "./destroy/run.ts";
import { createStackOption, createValueOption } from "./options.ts";

const details = `
What production protects stays: the KV namespace, the key of people's ids, the data of tools. It goes
only with --delete-data and the stack's name, typed at the terminal or given with --confirm.
Interrupted, the same command finishes it.

Examples:
  npm run mcp -- destroy --stack dev
  npm run mcp -- destroy --stack dev --yes --remove
  npm run mcp -- destroy --stack prod --export ../prod-export --delete-data

Exit codes: 0 done, 1 failed, 2 wrong usage. docs/deploy.md says how to bring an export back.
`;

/** `destroy --stack <name>` */
export function createCommand(): Command {
  return new Command("destroy")
    .description("Says what goes for good, exports it on request, and deletes a stack's resources.")
    .addOption(createStackOption().makeOptionMandatory())
    .addOption(
      createValueOption("--export <folder>", "write what is stored there first: it is sensitive"),
    )
    .option("--delete-data", "delete protected data as well")
    .option("--yes", "do not ask; not enough for a protected stack")
    .addOption(
      createValueOption("--confirm <name>", "the stack's name, typed out, in place of asking"),
    )
    .option("--remove", "remove the stack itself too: its history and its settings file")
    .addHelpText("after", details)
    .action(async (options: DestroyOptions) => {
      // Loaded here: it takes a while, which a help text need not wait for.
      const { destroy } = await import("./destroy/run.ts");
      await destroy(options, createProgress(process.stderr));
    });
}
