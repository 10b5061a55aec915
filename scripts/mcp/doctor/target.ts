import { UserError } from "../../errors.ts";
import { findServer } from "../server-url.ts";

/** What doctor was asked to look at. */
export interface Target {
  /** A bare origin, or the URL of one endpoint as it was typed. */
  readonly url: URL;
  /** The stack it was named by. */
  readonly stack?: string;
}

/** How a person names a server: by one of them, or by none for the dev server. */
export interface TargetNames {
  /** `<url|stack>` */
  readonly argument?: string | undefined;
  readonly url?: string | undefined;
  readonly stack?: string | undefined;
}

/**
 * Finds what is meant. Of a URL nothing is asked yet.
 * @throws UserError for more than one name, what is no URL, and a stack that is not deployed.
 */
export async function findTarget({ argument, url, stack }: TargetNames): Promise<Target> {
  if ([argument, url, stack].filter((name) => name !== undefined).length > 1) {
    throw new UserError("The server is named twice. Give one of: an argument, --url, --stack.");
  }
  const isAddress = argument !== undefined && /[:/.]/.test(argument);
  const address = url ?? (isAddress ? argument : undefined);
  if (address !== undefined) return { url: parseAddress(address) };
  const name = stack ?? argument;
  const { origin } = await findServer(name === undefined ? {} : { stack: name });
  return { url: new URL(origin), ...(name !== undefined && { stack: name }) };
}

/** Path and query stay as they are: a slash too many is what doctor is to find. */
function parseAddress(address: string): URL {
  const example = "Give the whole address, such as https://orders.example.workers.dev/mcp.";
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) {
    throw new UserError(`"${address}" is no address of a server. ${example}`);
  }
  const url = new URL(address);
  if (url.username !== "" || url.password !== "") {
    // Not repeated: it holds a password.
    throw new UserError(`Leave the user name and password out of the address. ${example}`);
  }
  url.hash = "";
  return url;
}
