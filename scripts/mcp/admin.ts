/** `npm run mcp -- admin`: what an operator sees and ends, with the account's token. */
import { Command } from "commander";
import { createAllowCommand } from "./admin/allow.ts";
import { createBlockedCommand } from "./admin/blocked.ts";
import { createClientsCommand } from "./admin/clients.ts";
import { createGrantsCommand } from "./admin/grants.ts";
import { createMachinesCommand } from "./admin/machines.ts";
import { createPurgeCommand } from "./admin/purge.ts";
import { createRevokeCommand } from "./admin/revoke.ts";
import { createWhoCommand } from "./admin/who.ts";
import { createStackOption } from "./options.ts";

const examples = `
Examples:
  npm run mcp -- admin --stack prod grants
  npm run mcp -- admin --stack prod revoke --client 1HrOlCOANT_EdtlW

See docs/admin.md. \`npx pulumi stack ls\` lists the stacks.
`;

/** `admin --stack <name> <command>` */
export function createCommand(): Command {
  return new Command("admin")
    .description(
      "Shows and ends who has access to a deployed stack, with the account's API token.\nrevoke, allow and purge change nothing unless --yes is given.",
    )
    .addOption(createStackOption())
    .addHelpText("after", examples)
    .addCommand(createClientsCommand())
    .addCommand(createGrantsCommand())
    .addCommand(createMachinesCommand())
    .addCommand(createRevokeCommand())
    .addCommand(createBlockedCommand())
    .addCommand(createAllowCommand())
    .addCommand(createPurgeCommand())
    .addCommand(createWhoCommand());
}
