import { Command } from "commander";
import { count } from "../../terminal/format.ts";
import { changeKv } from "./change-kv.ts";
import { findGrants, type GrantRow } from "./find-grants.ts";
import {
  createGrantOption,
  createIdOption,
  createUserOption,
  formatGrants,
  splitName,
} from "./grants.ts";
import { revokeMachine } from "./machines.ts";
import { type AdminServer, openNamed, toClientKey } from "./open-server.ts";

/** Which access to end, as a person gave it: exactly one of the four. */
interface RevokeOptions {
  /** `<user id>:<grant id>`. */
  readonly grant?: string;
  readonly user?: string;
  readonly client?: string;
  /** Name of a machine client. */
  readonly machine?: string;
  readonly yes?: true;
}

const details = `
Give exactly one of --grant, --user, --client and --machine. Access ends within about a minute, as Workers KV
shows a change late. A client that refreshes in that minute may get one more access token, for as long as
those live, and no further refresh.
`;

/** `admin revoke`: ends grants. */
export function createRevokeCommand(): Command {
  return new Command("revoke")
    .summary("end grants; a dry run unless --yes is given")
    .description(
      "Ends grants: the client can no longer act for the person, who may connect it again.",
    )
    .addOption(createGrantOption("one grant, by its name in `grants`"))
    .addOption(
      createUserOption("every grant of one person").conflicts(["grant", "client", "machine"]),
    )
    .addOption(
      createIdOption("--client <id>", "every grant of one client, and its registration").conflicts([
        "grant",
        "user",
        "machine",
      ]),
    )
    .addOption(
      createIdOption("--machine <name>", "every token of one machine client").conflicts(["grant"]),
    )
    .option("--yes", "do it; without this, only show what would be done")
    .addHelpText("after", details)
    .action(async (options: RevokeOptions, command: Command) => {
      if (!options.grant && !options.user && !options.client && !options.machine) {
        command.error(
          "error: Which grants? Give exactly one of --grant, --user, --client and --machine.",
        );
      }
      const server = await openNamed(command);
      if (options.machine === undefined) await revoke(server, options);
      else await revokeMachine(server, options.machine, options.yes === true);
    });
}

async function revoke(server: AdminServer, options: RevokeOptions): Promise<void> {
  const { rows, isRegistered } = await plan(server, options);
  if (rows.length === 0 && !isRegistered) {
    console.log(`Nothing to revoke: ${describeNone(options, server)}`);
    return;
  }
  const tokens = server.kv.deleted.filter((key) => key.startsWith("token:")).length;
  const what = `${count(rows.length, "grant")} with ${count(tokens, "access token")}${isRegistered ? ", and the client's registration" : ""}`;
  if (rows.length > 0) console.log(`${formatGrants(rows)}\n`);
  if (!options.yes) {
    console.log(`Dry run: nothing was changed. With --yes this ends ${what}.`);
    return;
  }
  await changeKv(server.account, {
    ended: rows.map((row) => `grant:${row.grant}`),
    deleted: server.kv.deleted,
  });
  console.log(`Ended ${what}. Access ends within about a minute.`);
}

/** Lets the library end the grants over the noting KV. */
async function plan(
  server: AdminServer,
  { grant, user, client }: RevokeOptions,
): Promise<{ readonly rows: readonly GrantRow[]; readonly isRegistered: boolean }> {
  const { oauth, kv } = server;
  if (client !== undefined) {
    const rows = await findGrants(server, { client });
    // Not through the library's look-up, which knows clients that have no record.
    const { keys } = await kv.list({ prefix: toClientKey(client) });
    const isRegistered = keys.some(({ name }) => name === toClientKey(client));
    if (isRegistered || rows.length > 0) await oauth.deleteClient(client);
    return { rows, isRegistered };
  }
  const [userId, grantId] = grant === undefined ? [user ?? "", undefined] : splitName(grant);
  const all = await findGrants(server, { user: userId });
  const rows = all.filter((row) => grantId === undefined || row.grant === grant);
  for (const row of rows) {
    const [owner, id] = splitName(row.grant);
    await oauth.revokeGrant(id, owner);
  }
  return { rows, isRegistered: false };
}

function describeNone({ grant, user, client }: RevokeOptions, { stack }: AdminServer): string {
  const list = (command: string) =>
    `\`npm run mcp -- admin --stack ${stack.name} ${command}\` lists those there are.`;
  if (grant !== undefined) {
    return `there is no grant ${grant}. It was ended before, has expired, or the name is wrong: ${list("grants")}`;
  }
  if (user !== undefined) {
    return `the person ${user} has no grant. They were ended before, have expired, or the id is wrong: ${list("grants")}`;
  }
  return `the client ${client} is not registered and has no grant. It was revoked before, or the id is wrong: ${list("clients")}`;
}
