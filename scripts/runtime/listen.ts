import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { hasCode, UserError } from "../errors.ts";
import { readTarget } from "./request-target.ts";

/** A port of localhost that listens. */
export interface Listener extends AsyncDisposable {
  readonly port: number;
}

/**
 * Listens on 127.0.0.1 and, where there is one, ::1: `localhost` may mean either. Port 0 takes a
 * free one. A request without an address that can be read is refused; the others come with a path and a
 * `Host` that name it, whichever way the client wrote it.
 * @param onTaken says what to do where the port is in use.
 * @throws UserError where the port is in use.
 */
export async function listenOnLocalhost(
  port: number,
  listener: RequestListener,
  onTaken: (port: number) => string,
): Promise<Listener> {
  const first = await listenOn("127.0.0.1", port, listener, onTaken);
  const { port: taken } = first.address() as AddressInfo;
  const second = await listenOn("::1", taken, listener, onTaken).catch((error: unknown) => {
    if (hasCode(error, "EADDRNOTAVAIL") || hasCode(error, "EAFNOSUPPORT")) return undefined;
    first.close();
    throw error;
  });
  const servers = second === undefined ? [first] : [first, second];
  return {
    port: taken,
    async [Symbol.asyncDispose]() {
      await Promise.all(servers.map(close));
    },
  };
}

async function listenOn(
  host: string,
  port: number,
  listener: RequestListener,
  onTaken: (port: number) => string,
): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    if (takeTarget(incoming, outgoing)) listener(incoming, outgoing);
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(port, host, resolve);
  try {
    await promise;
  } catch (error) {
    if (!hasCode(error, "EADDRINUSE")) throw error;
    throw new UserError(`Port ${port} is in use. ${onTaken(port)}`);
  }
  server.removeListener("error", reject);
  return server;
}

/** Writes the address that is asked for into path and `Host`, or answers 400. */
function takeTarget(incoming: IncomingMessage, outgoing: ServerResponse): boolean {
  const target = readTarget(incoming);
  if (target === undefined) {
    outgoing.writeHead(400, { "content-type": "text/plain" });
    outgoing.end("The request line or the Host header names no address.\n");
    return false;
  }
  incoming.url = `${target.pathname}${target.search}`;
  incoming.headers.host = target.host;
  return true;
}

async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}
