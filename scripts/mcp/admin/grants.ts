import { Command, InvalidArgumentError, Option } from "commander";
import { count, formatList, formatTable, toTerminalText } from "../../terminal/format.ts";
import { takeValue } from "../options.ts";
import { findGrants, type GrantFilter, type GrantRow } from "./find-grants.ts";
import { openNamed } from "./open-server.ts";

const details = `
A person is an opaque id here: the server keeps no list of who that is.
`;

/** `admin grants`: who let which client act for them. */
export function createGrantsCommand(): Command {
  return new Command("grants")
    .summary("who let which client act for them")
    .description("Lists the grants: who let which client act for them.")
    .addOption(createIdOption("--client <id>", "only those of this client"))
    .addOption(
      createUserOption("only those of this person: the part of a grant's name before the colon"),
    )
    .option("--json", "print JSON")
    .addHelpText("after", details)
    .action(
      async ({ json, ...filter }: GrantFilter & { readonly json?: true }, command: Command) => {
        const server = await openNamed(command);
        await server.kv.list({ prefix: "client:" });
        const rows = await findGrants(server, filter);
        console.log(tellGrants(server.stack.name, rows, json === true));
      },
    );
}

export function tellGrants(stack: string, rows: readonly GrantRow[], isJson = false): string {
  const heading = `${count(rows.length, "grant")} in the stack ${stack}.`;
  return formatList(rows, { isJson, heading, format: formatGrants });
}

export function formatGrants(rows: readonly GrantRow[]): string {
  return formatTable(
    ["Grant", "Client", "Resource", "Scopes", "Since", "Last used", "Ends"],
    rows.map((row) => [
      row.grant,
      toTerminalText(row.clientName) + describeCompany(row),
      toPath(row.resource),
      row.scopes.join(" "),
      row.since,
      row.lastUsed ?? "-",
      row.expires ?? "never",
    ]),
  );
}

function describeCompany({ company }: GrantRow): string {
  return company === null ? "" : ` (allowed by ${toTerminalText(company)})`;
}

/** Each resource of a stack lies on the same origin. */
function toPath(resource: string): string {
  return URL.canParse(resource) ? new URL(resource).pathname : resource;
}

/** An option in place of an id: the person forgot the id. */
const isOption = /^--(stack|client|user|grant|yes|json|help)(=|$)/;

/**
 * An option that takes an id, as it was copied: one in 64 begins with a dash.
 * @param flags as in `--client <id>`
 * @param check throws InvalidArgumentError for what is not such an id.
 */
export function createIdOption(
  flags: string,
  description: string,
  check: (id: string) => void = () => undefined,
): Option {
  return new Option(flags, description).argParser((value) => {
    if (isOption.test(value)) {
      throw new InvalidArgumentError("That is an option, and an id is missing before it.");
    }
    check(takeValue(value));
    return value;
  });
}

/** `--user <id>`: a colon in it would match keys of others. */
export function createUserOption(description: string): Option {
  return createIdOption("--user <id>", description, (id) => {
    if (!id.includes(":")) return;
    throw new InvalidArgumentError(
      `"${id}" is not a user id. It is the part of a grant's name before the colon.`,
    );
  });
}

/** `--grant <user:grant>`: one grant, by its name. */
export function createGrantOption(description: string): Option {
  return createIdOption("--grant <user:grant>", description, (name) => {
    splitName(name);
  });
}

/** @returns user id and grant id. @throws InvalidArgumentError for what is not a grant's name. */
export function splitName(name: string): [string, string] {
  const [, userId, grantId] = /^([^:]+):([^:]+)$/.exec(name) ?? [];
  if (userId !== undefined && grantId !== undefined) return [userId, grantId];
  throw new InvalidArgumentError(
    `"${name}" is not a grant's name. It is <user id>:<grant id>, as \`grants\` prints it.`,
  );
}
