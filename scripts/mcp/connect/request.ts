import { resolve } from "node:path";
import type { Command } from "commander";
import { findNameFault } from "../../path-name.ts";
import type { ServerAddress } from "../server-url.ts";
import type { ClientFile, ConnectClient, Target, Transport } from "./client.ts";
import type { Machine } from "./machine.ts";

/** Options on the command line; undefined: not given. */
export interface ConnectOptions {
  readonly url?: string;
  readonly stack?: string;
  readonly transport?: Transport;
  readonly name?: string;
  readonly project?: string;
  /** Gives the client a token in place of a sign-in. */
  readonly token?: true;
  readonly write?: true;
  readonly undo?: true;
  readonly yes?: true;
  readonly json?: true;
}

/** Ends the command for wrong usage. */
type Refuse = Pick<Command, "error">;

/**
 * Name of the server in a client, if none was given: the stack's `serverName`. A stack whose file has none
 * is told from the others by its own name behind the project's; a server that is known by its URL, by its host.
 * Ends the command for a name that clients refuse.
 * @throws UserError if the stack's settings file cannot be read.
 */
export async function chooseName(
  { name, stack, url }: ConnectOptions,
  command: Refuse,
): Promise<string> {
  const isRefused = (given: string) =>
    findNameFault(given) !== undefined || !/^[\w-]{1,64}$/.test(given);
  if (name !== undefined && isRefused(name)) {
    command.error(
      `error: --name: "${name}" is not a name that every client takes. Use letters, digits, - and _, at most 64.`,
    );
  }
  if (name !== undefined) return name;
  const host = url === undefined ? undefined : nameHost(url);
  if (host !== undefined) return host;
  // Loaded here: a URL needs no settings file, and no parser of one.
  const { readServerName } = await import("./server-name.ts");
  return readServerName(stack);
}

/**
 * A name for a server elsewhere: the first part of its host that says something. Undefined: it is on this
 * machine, or what was given is not a URL, which is refused later.
 */
function nameHost(url: string): string | undefined {
  const { hostname } = URL.canParse(url) ? new URL(url) : { hostname: "" };
  if (/^(localhost|127\.[\d.]+|\[::1\]|)$/.test(hostname)) return undefined;
  const isAddress = /^[\d.]+$|^\[/.test(hostname);
  const parts = isAddress ? [hostname] : hostname.split(".");
  const telling = parts.find((part) => !/^(mcp|api|www)$/.test(part)) ?? hostname;
  return telling
    .replace(/[^A-Za-z0-9_-]/g, "-")
    .replace(/^[-_]+/, "")
    .slice(0, 64);
}

/** Chooses what the client is connected with. Ends the command if the client cannot do it. */
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

/** Path of the client's file. Ends the command if the client has none there. */
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
