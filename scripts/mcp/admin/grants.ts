import { findGrants, type GrantRow } from "./find-grants.ts";
import { count, formatTable, toJson, toTerminalText } from "./format.ts";
import { checkUser, type Subcommand } from "./options.ts";

/** `admin grants`: who let which client act for them. */
export const listGrants: Subcommand = {
  help: `Lists the grants: who let which client act for them.

  npm run mcp -- admin --stack <name> grants [options]

  --client <id>  only those of this client
  --user <id>    only those of this person: the part of a grant's name before the colon
  --json         print JSON

  A person is an opaque id here: the server keeps no list of who that is.
`,
  takes: ["client", "user", "json"],
  check: checkUser,
  async run(server, { client, user, json }) {
    await server.kv.list({ prefix: "client:" });
    const rows = await findGrants(server, { client, user });
    if (json) console.log(toJson(rows));
    else console.log(`${count(rows.length, "grant")} in the stack ${server.stack.name}.`);
    if (!json && rows.length > 0) console.log(`\n${formatGrants(rows)}`);
  },
};

/** A table of grants. */
export function formatGrants(rows: readonly GrantRow[]): string {
  return formatTable(
    ["Grant", "Client", "Resource", "Scopes", "Since", "Last used", "Ends"],
    rows.map((row) => [
      row.grant,
      toTerminalText(row.clientName),
      toPath(row.resource),
      row.scopes.join(" "),
      row.since,
      row.lastUsed ?? "-",
      row.expires ?? "never",
    ]),
  );
}

/** Each resource of a stack lies on the same origin. */
function toPath(resource: string): string {
  return URL.canParse(resource) ? new URL(resource).pathname : resource;
}
