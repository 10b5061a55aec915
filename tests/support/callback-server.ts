import { once } from "node:events";
import { createServer } from "node:http";
import { findFreePort } from "./free-port.ts";

/** The loopback address of a client on this machine. */
export interface CallbackServer extends AsyncDisposable {
  readonly redirectUri: string;
  /** The URL that a browser came back with. */
  readonly arrival: Promise<URL>;
}

/** Listens as a client on the person's own computer does. */
export async function startCallbackServer(): Promise<CallbackServer> {
  const redirectUri = `http://localhost:${await findFreePort()}/callback`;
  const { promise: arrival, resolve } = Promise.withResolvers<URL>();
  const server = createServer((request, response) => {
    response.setHeader("content-type", "text/html; charset=utf-8");
    // The icon spares a second request.
    response.end('<!doctype html><title>Back</title><link rel="icon" href="data:,">');
    resolve(new URL(request.url ?? "/", redirectUri));
  });
  server.listen(Number(new URL(redirectUri).port), "localhost");
  await once(server, "listening");
  return {
    redirectUri,
    arrival,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}
