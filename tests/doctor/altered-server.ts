import { once } from "node:events";
import { type IncomingMessage, request as sendRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { serve } from "@hono/node-server";
import {
  type StackServer,
  type StackServerOptions,
  startStackServer,
} from "../support/stack-server.ts";

/** Answers in the server's stead; `pass` asks the server itself. */
export type Alter = (
  request: Request,
  pass: (request: Request) => Promise<Response>,
) => Response | Promise<Response>;

/** The real Worker of a stack behind a proxy that can change what clients see. */
export interface AlteredServer extends AsyncDisposable {
  /** What clients are given, and what the Worker takes for its own address. */
  readonly origin: string;
  readonly server: StackServer;
  /** What the proxy does from now on; undefined: nothing. */
  alter: Alter | undefined;
}

/** Starts the Worker of a stack behind a proxy, so that a test breaks one thing of what clients meet. */
export async function startAlteredServer(options: StackServerOptions = {}): Promise<AlteredServer> {
  await using starting = new AsyncDisposableStack();
  let target = "";
  const altered: { alter: Alter | undefined } = { alter: undefined };
  const pass = (request: Request) => forward(request, target);
  const listener = serve({
    fetch: (request) => altered.alter?.(request, pass) ?? pass(request),
    port: 0,
    hostname: "localhost",
  });
  if (!listener.listening) await once(listener, "listening");
  starting.defer(() => {
    listener.close();
    if ("closeAllConnections" in listener) listener.closeAllConnections();
  });
  const origin = `http://localhost:${(listener.address() as AddressInfo).port}`;
  const server = starting.use(
    await startStackServer({ ...options, settings: { publicUrl: origin, ...options.settings } }),
  );
  target = server.origin;
  const started = starting.move();
  return Object.assign(altered, {
    origin,
    server,
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  });
}

/** Sends a request on with its Host header, which fetch would replace: the Worker looks at it. */
async function forward(request: Request, target: string): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const outgoing = sendRequest(new URL(`${pathname}${search}`, target), {
    method: request.method,
    // Not compressed: an alteration reads what it changes.
    headers: { ...Object.fromEntries(request.headers), "accept-encoding": "identity" },
  });
  request.signal.addEventListener("abort", () => outgoing.destroy());
  if (request.body === null) outgoing.end();
  else void pipeline(Readable.fromWeb(request.body), outgoing).catch(() => outgoing.destroy());
  const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
  const headers = Object.entries(incoming.headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
  const status = incoming.statusCode ?? 502;
  const isEmpty = [101, 204, 205, 304].includes(status);
  if (isEmpty) incoming.resume();
  const body = isEmpty ? null : (Readable.toWeb(incoming) as ReadableStream);
  return new Response(body, { status, headers });
}
