/** `npm run mcp -- admin`: what an operator sees and ends, with the account's token. */
import { UserError } from "../errors.ts";
import { listClients } from "./admin/clients.ts";
import { listGrants } from "./admin/grants.ts";
import { openServer } from "./admin/open-server.ts";
import { type AdminOptions, parseOptions, type Subcommand } from "./admin/options.ts";
import { purge } from "./admin/purge.ts";
import { revoke } from "./admin/revoke.ts";

const help = `Shows and ends who has access to a deployed stack, with the account's API token.

  npm run mcp -- admin --stack <name> <command> [options]

  clients   the clients that have registered
  grants    who let which client act for them
  revoke    end grants; a dry run unless --yes is given
  purge     remove what no longer opens anything; a dry run unless --yes is given

  npm run mcp -- admin <command> --help   shows what a command takes
  docs/admin.md                           has examples
`;

const subcommands: Readonly<Record<string, Subcommand>> = {
  clients: listClients,
  grants: listGrants,
  revoke,
  purge,
};

/** @throws UserError for wrong options, a stack that cannot be read, or a token that may not do this. */
export async function run(args: string[]): Promise<void> {
  const { name, isHelp, options } = parseOptions(args, help);
  const subcommand = findSubcommand(name);
  if (isHelp || subcommand === undefined) {
    process.stdout.write(subcommand?.help ?? help);
    return;
  }
  refuseOthers(options, subcommand, name);
  subcommand.check?.(options);
  if (options.stack === undefined) {
    throw new UserError(
      "--stack: no stack is named. Name one, as in --stack prod; `npx pulumi stack ls` lists them.",
    );
  }
  // Loaded here: Pulumi's SDK takes a second.
  const { readStack } = await import("./admin/stack.ts");
  const server = await openServer(await readStack(options.stack));
  await subcommand.run(server, options);
}

/** @returns undefined where only help can be asked for. @throws UserError for a name that is none. */
function findSubcommand(name: string | undefined): Subcommand | undefined {
  if (name === undefined) return undefined;
  const found = Object.hasOwn(subcommands, name) ? subcommands[name] : undefined;
  if (found === undefined) throw new UserError(`"${name}" is no command of admin.\n\n${help}`);
  return found;
}

/** @throws UserError for an option that another command takes, lest it be thought to have an effect. */
function refuseOthers(
  options: AdminOptions,
  { takes, help: itsHelp }: Subcommand,
  name: string | undefined,
): void {
  for (const option of ["client", "user", "grant", "yes", "json"] as const) {
    if (options[option] === undefined || takes.includes(option)) continue;
    throw new UserError(`--${option}: ${name} takes no such option.\n\n${itsHelp}`);
  }
}
