import { Command } from "commander";
import {
  allowanceLifetime,
  createAllowance,
  toEndedKey,
} from "../../../worker/oauth/gate/ended-outside.ts";
import { UserError } from "../../errors.ts";
import { findBlocked, formatBlocked } from "./blocked.ts";
import { createGrantOption, splitName } from "./grants.ts";
import { openNamed } from "./open-server.ts";

interface AllowOptions {
  /** `<user id>:<grant id>`. */
  readonly grant: string;
  readonly yes?: true;
}

const details = `
The person can do the same with "Allow again" at /connections. That alone allows nothing: the company's
client has to come with its next assertion. What was ended within the last \`accessTokenLifetime\` comes back after that.
`;

/** `admin allow`: takes back that a company's connection stays ended. */
export function createAllowCommand(): Command {
  return new Command("allow")
    .summary("let a company connect again what was ended; a dry run unless --yes is given")
    .description("Takes back that a company's connection stays ended.")
    .addOption(createGrantOption("the connection, by its name in `blocked`").makeOptionMandatory())
    .option("--yes", "do it; without this, only show what would be done")
    .addHelpText("after", details)
    .action(async ({ grant, yes }: AllowOptions, command: Command) => {
      const server = await openNamed(command);
      const { stack, account } = server;
      const rows = (await findBlocked(server)).filter((row) => row.grant === grant);
      if (rows.length === 0) {
        throw new UserError(
          `--grant: nothing keeps ${grant} ended. \`npm run mcp -- admin --stack ${stack.name} blocked\` lists what stays ended.`,
        );
      }
      console.log(`${formatBlocked(rows)}\n`);
      if (yes !== true) {
        console.log("Dry run: nothing was changed. With --yes the company may connect it again.");
        return;
      }
      const [userId, grantId] = splitName(grant);
      // Not deleted: the Worker could not tell what it remembers from earlier from what comes later.
      await account.writeKeys(
        [toEndedKey({ userId, grantId })],
        createAllowance(),
        allowanceLifetime,
      );
      console.log(
        "The company may connect it again in about a minute. The tokens that were ended stay ended.",
      );
    });
}
