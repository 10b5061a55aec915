import { Command } from "commander";
import type { MachineClientSetting } from "../../../infra/machine-clients.ts";
import { toMachineEndedKey } from "../../../worker/oauth/gate/ended-outside.ts";
import { UserError } from "../../errors.ts";
import { count, formatList, formatTable } from "../../terminal/format.ts";
import { type AdminServer, openNamed } from "./open-server.ts";

/** A machine client as an operator sees it. */
interface MachineRow {
  readonly name: string;
  /** The endpoint that it may call. */
  readonly resource: string;
  /** Scopes at most. */
  readonly scopes: readonly string[];
  /** How it says who it is. */
  readonly ways: readonly string[];
  /** When an operator last ended its tokens (UTC). Null: nobody did in the last hour. */
  readonly ended: string | null;
}

/** Seconds for which an end is remembered: longer than any token of a machine client lives. */
const noteLifetime = 3600;

const details = `
They are in the setting machineClients alone, and in no store: docs/machines.md.
`;

/** `admin machines`: the clients that act for no person. */
export function createMachinesCommand(): Command {
  return new Command("machines")
    .summary("the clients that act for no person")
    .description("Lists the machine clients: what each may do, and how it says who it is.")
    .option("--json", "print JSON")
    .addHelpText("after", details)
    .action(async ({ json }: { readonly json?: true }, command: Command) => {
      const server = await openNamed(command);
      const rows = await findMachines(server);
      console.log(tellMachines(server.stack.name, rows, json === true));
    });
}

/**
 * Ends every token that a machine client has now.
 * @throws UserError for one that the settings do not name.
 */
export async function revokeMachine(
  { stack, account }: AdminServer,
  name: string,
  isMeant: boolean,
): Promise<void> {
  if (!stack.machines.some((machine) => machine.name === name)) {
    throw new UserError(
      `--machine: the stack ${stack.name} has no machine client "${name}". \`npm run mcp -- admin --stack ${stack.name} machines\` lists those there are.`,
    );
  }
  const what = `every token that the machine client ${name} has now`;
  if (!isMeant) {
    console.log(`Dry run: nothing was changed. With --yes this ends ${what}.`);
    return;
  }
  const now = String(Math.floor(Date.now() / 1000));
  await account.writeKeys([toMachineEndedKey(name)], now, noteLifetime);
  console.log(
    `Ended ${what}. Access ends within a minute. It may get new tokens: to keep it out, take its secret, key or rule out of machineClients, and deploy.`,
  );
}

/** The machine clients of the settings, each with when an operator ended what it had. */
export async function findMachines({
  stack,
  account,
}: Pick<AdminServer, "stack" | "account">): Promise<MachineRow[]> {
  const { machines } = stack;
  const keys = machines.map(({ name }) => toMachineEndedKey(name));
  const notes = keys.length === 0 ? new Map<string, string>() : await account.readValues(keys);
  return machines.map((machine) => {
    const { name, resource, scopes } = machine;
    const ended = notes.get(toMachineEndedKey(name));
    return {
      name,
      resource: `/${resource}`,
      scopes,
      ways: describeWays(machine),
      ended: ended === undefined ? null : new Date(Number(ended) * 1000).toISOString(),
    };
  });
}

function describeWays({
  secrets,
  publicKeys,
  jwksUrl,
  workloads = [],
}: MachineClientSetting): string[] {
  return [
    ...(secrets === undefined ? [] : [`secret ${secrets.join(" and ")}`]),
    ...(publicKeys === undefined ? [] : [count(publicKeys.length, "public key")]),
    ...(jwksUrl === undefined ? [] : [`keys at ${jwksUrl}`]),
    ...workloads.map(({ repository, branch, environment }) =>
      [
        `runs of ${repository}`,
        ...(branch === undefined ? [] : [`on ${branch}`]),
        ...(environment === undefined ? [] : [`in ${environment}`]),
      ].join(" "),
    ),
  ];
}

/** The list of a stack's machine clients, as it is printed. */
export function tellMachines(stack: string, rows: readonly MachineRow[], isJson = false): string {
  const heading = `${count(rows.length, "machine client")} in the stack ${stack}.`;
  return formatList(rows, { isJson, heading, format: formatMachines });
}

function formatMachines(rows: readonly MachineRow[]): string {
  return formatTable(
    ["Client", "Resource", "Scopes", "Says who it is by", "Ended"],
    rows.map(({ name, resource, scopes, ways, ended }) => [
      name,
      resource,
      scopes.join(" "),
      ways.join(", "),
      ended ?? "-",
    ]),
  );
}
