import { Command } from "commander";
import { isCompanyGrant, toCompanyGrantId } from "../../../worker/oauth/company/grant-id.ts";
import { isEnd } from "../../../worker/oauth/gate/ended-outside.ts";
import { count, formatList, formatTable, toTerminalText } from "../../terminal/format.ts";
import { mostRead, split } from "./account-kv.ts";
import { type AdminServer, openNamed } from "./open-server.ts";

/** A connection that a company allowed and somebody ended for good: no assertion brings it back. */
export interface BlockedRow {
  /** `<user id>:<grant id>`, as `allow --grant` takes it. */
  readonly grant: string;
  /** Id of the person, which follows from issuer and subject and tells nothing else. */
  readonly userId: string;
  /** Null: the settings name no client any more that it could be. */
  readonly clientId: string | null;
  readonly endedBy: "person" | "operator";
}

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
      const heading = `${count(rows.length, "connection")} that stay${rows.length === 1 ? "s" : ""} ended in the stack ${server.stack.name}.`;
      console.log(formatList(rows, { isJson: json === true, heading, format: formatBlocked }));
    });
}

export async function findBlocked({
  account,
  stack,
}: Pick<AdminServer, "account" | "stack">): Promise<BlockedRow[]> {
  const listed = await account.listKeys("ended:");
  const notes = listed.flatMap(({ name }) => {
    const [, userId = "", grantId = ""] = name.split(":");
    return isCompanyGrant(grantId) ? [{ name, userId, grantId }] : [];
  });
  const values = new Map<string, string>();
  const names = notes.map(({ name }) => name);
  for (const part of split(names, mostRead)) {
    for (const [name, value] of await account.readValues(part)) values.set(name, value);
  }
  const clients = new Map<string, string>();
  for (const clientId of stack.companyClients) {
    clients.set(await toCompanyGrantId(clientId), clientId);
  }
  return notes
    .filter(({ name }) => isEnd(values.get(name)))
    .map(({ name, userId, grantId }) => ({
      grant: `${userId}:${grantId}`,
      userId,
      clientId: clients.get(grantId) ?? null,
      endedBy: values.get(name) === "operator" ? "operator" : "person",
    }));
}

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
