import { Command } from "commander";
import {
  count,
  formatDay,
  formatList,
  formatTable,
  toTerminalText,
} from "../../terminal/format.ts";
import { collectPages, findGrants } from "./find-grants.ts";
import { type AdminServer, openNamed } from "./open-server.ts";

/** A client as an operator sees it. */
interface ClientRow {
  readonly id: string;
  /** As the client calls itself; nobody has checked it. */
  readonly name: string | null;
  /** Hosts that people are sent back to. */
  readonly redirectHosts: readonly string[];
  /** Day (UTC). Null: unknown. */
  readonly registered: string | null;
  /** How many grants it has. */
  readonly grants: number;
}

const details = `
A client that identifies itself by the URL of its metadata document, and one that the stack's
settings name, has no registration; \`grants\` shows it. Those that act for no person are in \`machines\`.
`;

/** `admin clients`: the clients that have registered. */
export function createClientsCommand(): Command {
  return new Command("clients")
    .summary("the clients that have registered")
    .description("Lists the clients that have registered (RFC 7591).")
    .option("--json", "print JSON")
    .addHelpText("after", details)
    .action(async ({ json }: { readonly json?: true }, command: Command) => {
      const server = await openNamed(command);
      const rows = await findClients(server);
      const heading = `${count(rows.length, "client")} registered at the stack ${server.stack.name}.`;
      console.log(formatList(rows, { isJson: json === true, heading, format: formatClients }));
    });
}

async function findClients(server: AdminServer): Promise<ClientRow[]> {
  const clients = await collectPages((from) => server.oauth.listClients(from));
  const grants = Map.groupBy(await findGrants(server), ({ clientId }) => clientId);
  return clients
    .toSorted((one, other) => (one.registrationDate ?? 0) - (other.registrationDate ?? 0))
    .map(({ clientId, clientName, redirectUris, registrationDate }) => ({
      id: clientId,
      name: clientName ?? null,
      redirectHosts: [...new Set(redirectUris.map(readHost))],
      registered: registrationDate === undefined ? null : formatDay(registrationDate),
      grants: grants.get(clientId)?.length ?? 0,
    }));
}

/** Host of a redirect URI; an app's own scheme has none, and is named itself. */
function readHost(uri: string): string {
  if (!URL.canParse(uri)) return uri;
  const { host, protocol } = new URL(uri);
  return host || protocol;
}

function formatClients(rows: readonly ClientRow[]): string {
  return formatTable(
    ["Client", "Name", "Sends people to", "Registered", "Grants"],
    rows.map(({ id, name, redirectHosts, registered, grants }) => [
      id,
      toTerminalText(name ?? "-"),
      redirectHosts.map(toTerminalText).join(", "),
      registered ?? "-",
      String(grants),
    ]),
  );
}
