import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { hasCode, UserError } from "../errors.ts";

/** Takes over the connection of a request for another protocol, as a WebSocket, with what was sent behind the request. */
export type UpgradeListener = (incoming: IncomingMessage, socket: Duplex, head: Buffer) => void;

export interface Listener extends AsyncDisposable {
  readonly port: number;
}

/**
 * Listens on 127.0.0.1 and, if there is one, ::1: `localhost` may mean either. Port 0 takes a
 * free one. A request without an address that can be read is refused; the others come with a path and a
 * `Host` that name it, whichever way the client wrote it.
 * @param onTaken says what to do if the port is in use.
 * @param onUpgrade takes requests for another protocol, whose connections are its to end. Default: they are answered
 *   as any other, by HTTP.
 * @throws UserError if the port is in use.
 */
export async function listenOnLocalhost(
  port: number,
  listener: RequestListener,
  onTaken: (port: number) => string,
  onUpgrade?: UpgradeListener,
): Promise<Listener> {
  const listen = (host: string, wanted: number) =>
    listenOn(createLocalServer(listener, onUpgrade), host, wanted, onTaken);
  const first = await listen("127.0.0.1", port);
  const { port: taken } = first.address() as AddressInfo;
  const second = await listen("::1", taken).catch((error: unknown) => {
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

function createLocalServer(
  listener: RequestListener,
  onUpgrade: UpgradeListener | undefined,
): Server {
  const server = createServer((incoming, outgoing) => {
    if (takeTarget(incoming)) return listener(incoming, outgoing);
    outgoing.writeHead(400, { "content-type": "text/plain" });
    outgoing.end(noTarget);
  });
  if (onUpgrade === undefined) return server;
  return server.on("upgrade", (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (takeTarget(incoming)) onUpgrade(incoming, socket, head);
    else socket.end(`HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n${noTarget}`);
  });
}

async function listenOn(
  server: Server,
  host: string,
  port: number,
  onTaken: (port: number) => string,
): Promise<Server> {
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

const noTarget = "The request line or the Host header names no address.\n";

/** Writes the address that is asked for into path and `Host`. @returns false if it cannot be read. */
function takeTarget(incoming: IncomingMessage): boolean {
  const target = readTarget(incoming);
  if (target === undefined) return false;
  incoming.url = `${target.pathname}${target.search}`;
  incoming.headers.host = target.host;
  return true;
}

async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

/** The form of `Host`: a name or an address, with a port or without (RFC 9110 section 7.2). */
const hostForm = /^(\[[\da-f:.]+\]|[^\s/?#@\\:[\]]+)(:\d+)?$/i;

/**
 * The address that a client asks for: of the request line, if that has a whole one (absolute-form), else
 * of `Host` (RFC 9112 sections 3.2.1 and 3.2.2). Undefined if it has none that can be read; the answer is
 * then 400 (section 3.2).
 */
function readTarget({
  url = "",
  headers: { host = "" },
}: Pick<IncomingMessage, "url" | "headers">): URL | undefined {
  if (/^https?:\/\//i.test(url)) {
    const target = URL.parse(url);
    return target?.username === "" && target.password === "" ? target : undefined;
  }
  if (!url.startsWith("/") || !hostForm.test(host)) return undefined;
  return URL.parse(`http://${host}${url}`) ?? undefined;
}
