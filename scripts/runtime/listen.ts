import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { hasCode, UserError } from "../errors.ts";

/** A port of localhost that listens. */
export interface Listener extends AsyncDisposable {
  readonly port: number;
}

/**
 * Listens on 127.0.0.1 and, where there is one, ::1: `localhost` may mean either. Port 0 takes a
 * free one.
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
  const server = createServer(listener);
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

async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}
