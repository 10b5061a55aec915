import { Command } from "commander";
import { count, formatTable, toJson, toTerminalText } from "../../terminal/format.ts";
import { type BlockedRow, findBlocked } from "./find-blocked.ts";
import { openNamed } from "./open-server.ts";

const details = `
These are connections that a company made (docs/identity.md) and the person or an operator ended: they stay
ended, whatever the company signs. \`allow\` takes it back.
`;

/** `admin blocked`: what a company may not allow again. */
export function createBlockedCommand(): Command {
  return new Command("blocked")
    .summary("connections of companies that stay ended")
    .description("Lists the connections of companies that somebody ended, and that stay so.")
    .option("--json", "print JSON")
    .addHelpText("after", details)
    .action(async ({ json }: { readonly json?: true }, command: Command) => {
      const server = await openNamed(command);
      const rows = await findBlocked(server);
      if (json) console.log(toJson(rows));
      else {
        console.log(
          `${count(rows.length, "connection")} that stay${rows.length === 1 ? "s" : ""} ended in the stack ${server.stack.name}.`,
        );
      }
      if (!json && rows.length > 0) console.log(`\n${formatBlocked(rows)}`);
    });
}

/** A table of them. */
export function formatBlocked(rows: readonly BlockedRow[]): string {
  return formatTable(
    ["Grant", "Client", "Ended by"],
    rows.map(({ grant, clientId, endedBy }) => [
      grant,
      clientId === null ? "no longer in the settings" : toTerminalText(clientId),
      endedBy === "person" ? "the person" : "an operator",
    ]),
  );
}
