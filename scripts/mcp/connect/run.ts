import type { Command } from "commander";
import { UserError } from "../../errors.ts";
import { findServer } from "../server-url.ts";
import type { ConnectClient, Target } from "./client.ts";
import { clients } from "./clients/index.ts";
import { describeTarget, listClients } from "./describe.ts";
import { readMachine } from "./machine.ts";
import { type ConnectOptions, chooseName, choosePath, chooseTarget } from "./request.ts";
import { withToken } from "./with-token.ts";

/**
 * Lists the clients, shows one's entry, writes it or takes it back.
 * @throws UserError for a server that is not found, a file that cannot be changed, or a no.
 */
export async function connect(
  named: ConnectClient | undefined,
  options: ConnectOptions,
  command: Command,
): Promise<void> {
  const machine = readMachine();
  if (named === undefined) {
    if (options.write || options.undo) command.error("error: Which client? Name one.");
    print(options, listClients(clients, machine));
    return;
  }
  const name = await chooseName(options, command);
  const client = options.token ? withToken(named, name, options.write === true) : named;
  const { file } = client;
  const path = file && choosePath(client, file, machine, options, command);
  if (path === undefined && (options.write || options.undo || options.project)) {
    command.error(
      `error: ${client.title} has no configuration file. \`connect ${client.id}\` shows the steps.`,
    );
  }
  if (options.undo && file && path) {
    const { undo } = await import("./carry-out.ts");
    print(options, await undo({ file, path, name }, client));
    return;
  }
  const address = await findServer(options);
  const target = chooseTarget(client, address, name, options, command);
  if (options.write && file && path) {
    const { write } = await import("./carry-out.ts");
    print(options, await write({ file, path, name }, client, target, options, machine));
    return;
  }
  refuseLoopback(client, target);
  print(options, await describeTarget(client, target, path, machine));
}

/** @throws UserError for a client that cannot reach this machine. */
function refuseLoopback({ isHosted, title }: ConnectClient, { origin }: Target): void {
  const { hostname } = new URL(origin);
  if (!isHosted || !/^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname)) return;
  throw new UserError(
    `${title} calls from the Internet and does not reach ${origin}. Deploy a stack (docs/deploy.md) and name it with --stack.`,
  );
}

/** The result of a command: for people, and as JSON. */
export interface ConnectReport {
  readonly text: string;
  readonly json: object;
}

function print({ json }: ConnectOptions, report: ConnectReport): void {
  console.log(json ? JSON.stringify(report.json, null, 2) : report.text);
}
