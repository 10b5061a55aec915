import { resolve } from "node:path";
import type { Command } from "commander";
import { findNameFault } from "../../path-name.ts";
import type { ServerAddress } from "../server-url.ts";
import { toShortName } from "../stack/short-name.ts";
import type { ClientFile, ConnectClient, Target, Transport } from "./client.ts";
import type { Machine } from "./machine.ts";

/** What a person gave; undefined: not given. */
export interface ConnectOptions {
  readonly url?: string;
  readonly stack?: string;
  readonly transport?: Transport;
  readonly name?: string;
  readonly project?: string;
  readonly write?: true;
  readonly undo?: true;
  readonly yes?: true;
  readonly json?: true;
}

/** Ends the command for wrong usage. */
type Refuse = Pick<Command, "error">;

/**
 * Name of the server in a client: `math` for dev and for a URL, `math-<stack>` for another stack.
 * Ends the command for a name that clients refuse.
 */
export function chooseName({ name, stack }: ConnectOptions, command: Refuse): string {
  const isRefused = (given: string) =>
    findNameFault(given) !== undefined || !/^[\w-]{1,64}$/.test(given);
  if (name !== undefined && isRefused(name)) {
    command.error(
      `error: --name: "${name}" is no name that every client takes. Use letters, digits, - and _, at most 64.`,
    );
  }
  if (name !== undefined) return name;
  const short = toShortName(stack ?? "dev");
  return short === "dev" ? "math" : `math-${short.replace(/[^A-Za-z0-9_-]/g, "-")}`;
}

/** What the client is to be connected with. Ends the command for what the client cannot do. */
export function chooseTarget(
  client: ConnectClient,
  { origin, path }: ServerAddress,
  name: string,
  { transport: wanted }: ConnectOptions,
  command: Refuse,
): Target {
  if (path !== undefined && path !== "/mcp" && path !== "/sse") {
    command.error(
      `error: --url: the server has its endpoints at /mcp and /sse, and this is ${path}. Give ${origin}`,
    );
  }
  const named = path === "/mcp" ? "http" : path === "/sse" ? "sse" : undefined;
  if (named !== undefined && wanted !== undefined && named !== wanted) {
    command.error(`error: --transport: ${wanted} is not what ${path} speaks. Give ${origin}`);
  }
  const transport = wanted ?? named ?? client.transports[0];
  if (!client.transports.includes(transport)) {
    command.error(
      `error: --transport: ${client.title} does not speak ${transport}. It speaks ${client.transports.join(" and ")}.`,
    );
  }
  return { name, origin, transport, url: `${origin}${transport === "http" ? "/mcp" : "/sse"}` };
}

/** Path of the client's file. Ends the command where the client has none there. */
export function choosePath(
  client: ConnectClient,
  file: ClientFile,
  machine: Machine,
  { project }: ConnectOptions,
  command: Refuse,
): string {
  if (project === undefined && file.user !== undefined) return file.user(machine);
  if (file.project === undefined) {
    return command.error(
      `error: --project: ${client.title} has no file in a project. Leave it out.`,
    );
  }
  return resolve(project ?? ".", ...file.project);
}
