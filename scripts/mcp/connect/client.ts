import type { ClientTarget } from "../../../worker/pages/client-forms.ts";
import type { Machine } from "./machine.ts";

/** How a client speaks to the server: Streamable HTTP at `/mcp`, or the older HTTP+SSE at `/sse`. */
export type Transport = ClientTarget["transport"];

export interface Target extends ClientTarget {
  /** Base URL of the server, without a slash at the end. */
  readonly origin: string;
}

/** An entry in a client's configuration file. */
export type Entry = Readonly<Record<string, unknown>>;

export interface ClientFile {
  readonly format: "jsonc" | "toml";
  /** Keys above the entries, such as `mcpServers`. */
  readonly section: string;
  /** Absolute path of the person's file. Undefined: the client has one in a project only. */
  readonly user?: (machine: Machine) => string;
  /** Path from a project's folder. Undefined: the client has none there. */
  readonly project?: readonly string[];
  /** @param machine on which the client runs. */
  createEntry(target: Target, machine: Machine): Entry;
  /** Further content for the file, beside the entry. */
  createBeside?(target: Target): Beside;
}

/** An element of a list beside the entries, told from the others by its id. */
export interface Beside {
  /** Name of the list, such as `inputs`. */
  readonly list: string;
  readonly element: Entry & { readonly id: string };
}

/**
 * How a client is given a person's token in place of a sign-in. No file holds the token: an environment
 * variable does, or the client asks for it.
 */
export interface TokenForm {
  /** The entry. Undefined: the client's file would have to hold the token itself. */
  createEntry?(target: Target, variable: string, machine: Machine): Entry;
  /** Further content for the file, beside the entry, if the client asks for the token. */
  createBeside?(target: Target): Beside;
  listOtherWays?(target: Target, variable: string): readonly OtherWay[];
  /** How the client gets the token, one sentence each. */
  listSteps(target: Target, variable: string): readonly string[];
}

/** Something else that connects the client: a command line or a link. */
export interface OtherWay {
  readonly what: string;
  readonly line: string;
}

/** A client that can be connected. One file each. */
export interface ConnectClient {
  /** As it is named on the command line. */
  readonly id: string;
  readonly title: string;
  /** The transports it speaks; the first is the default. */
  readonly transports: readonly [Transport, ...Transport[]];
  /** Whether it calls from its vendor's cloud, which does not reach this machine. */
  readonly isHosted?: boolean;
  /** Undefined: it is connected by hand, in its own pages. */
  readonly file?: ClientFile;
  listOtherWays?(target: Target): readonly OtherWay[];
  /** How it is given a token. Undefined: it takes none, and always signs its person in. */
  readonly token?: TokenForm;
  /** The person's steps, one sentence each: after the entry is written, or instead of one. */
  listSteps(target: Target): readonly string[];
}
