import { once } from "node:events";
import { createServer } from "node:http";
import { findFreePort } from "../../scripts/runtime/free-port.ts";

/** The loopback address of a client on this machine. */
export interface CallbackServer extends AsyncDisposable {
  readonly redirectUri: string;
}

/** Listens as a client on the person's own computer does. */
export async function startCallbackServer(): Promise<CallbackServer> {
  const redirectUri = `http://localhost:${await findFreePort()}/callback`;
  const server = createServer((_request, response) => {
    response.setHeader("content-type", "text/html; charset=utf-8");
    // The icon spares a second request.
    response.end('<!doctype html><title>Back</title><link rel="icon" href="data:,">');
  });
  server.listen(Number(new URL(redirectUri).port), "localhost");
  await once(server, "listening");
  return {
    redirectUri,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}
