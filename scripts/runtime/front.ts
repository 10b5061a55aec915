import {
  Agent,
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { hasCode, UserError } from "../errors.ts";

/** Milliseconds a reload waits for requests in flight. Streams that stay open are not waited for. */
const drainTime = 2_000;

/** Headers that concern one connection only (RFC 9110 section 7.6.1). */
const hopByHop = new Set([
  "connection",
  "keep-alive",
  "transfer-encoding",
  "upgrade",
  "te",
  "trailer",
]);

/**
 * The address people use. It stays while the runtime behind it restarts: requests that arrive
 * meanwhile wait, and none fails.
 */
export class Front implements AsyncDisposable {
  readonly port: number;
  readonly #servers: readonly Server[];
  readonly #agent = new Agent({ keepAlive: true });
  readonly #inFlight = new Set<Promise<void>>();
  #target: Promise<number>;
  #setTarget: (port: number) => void = () => undefined;

  private constructor(port: number, servers: readonly Server[]) {
    this.port = port;
    this.#servers = servers;
    this.#target = this.#awaitTarget();
    for (const server of servers) {
      server.on("request", (incoming, outgoing) => void this.#answer(incoming, outgoing));
    }
  }

  /**
   * Listens on 127.0.0.1 and, where there is one, ::1: `localhost` may mean either. Port 0 takes a
   * free one. @throws UserError where the port is in use.
   */
  static async listen(port: number): Promise<Front> {
    const first = await listenOn("127.0.0.1", port);
    const { port: taken } = first.address() as AddressInfo;
    const second = await listenOn("::1", taken).catch((error: unknown) => {
      if (hasCode(error, "EADDRNOTAVAIL") || hasCode(error, "EAFNOSUPPORT")) return undefined;
      first.close();
      throw error;
    });
    return new Front(taken, second === undefined ? [first] : [first, second]);
  }

  /** Sends requests to this port of 127.0.0.1, the waiting ones too. */
  serve(targetPort: number): void {
    this.#setTarget(targetPort);
  }

  /** Lets new requests wait until `serve`, and resolves when those in flight are answered. */
  async hold(): Promise<void> {
    this.#target = this.#awaitTarget();
    const timeout = new Promise((resolve) => setTimeout(resolve, drainTime).unref());
    await Promise.race([Promise.allSettled(this.#inFlight), timeout]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy();
    await Promise.all(
      this.#servers.map(async (server) => {
        const closed = new Promise((resolve) => server.close(resolve));
        server.closeAllConnections();
        await closed;
      }),
    );
  }

  #awaitTarget(): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#setTarget = resolve;
    return promise;
  }

  async #answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const port = await this.#target;
    const answered = this.#forward(port, incoming, outgoing);
    this.#inFlight.add(answered);
    await answered;
    this.#inFlight.delete(answered);
  }

  /** Resolves when the answer ended, or when it turned out to be a stream. */
  #forward(port: number, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const headers = {
      ...withoutHopByHop(incoming.headers),
      // As Cloudflare does: whatever the client claims is replaced.
      "cf-connecting-ip": incoming.socket.remoteAddress,
    };
    const { method, url: path } = incoming;
    const forwarded = request({
      host: "127.0.0.1",
      port,
      method,
      path,
      headers,
      agent: this.#agent,
    });
    forwarded.on("response", (response) => {
      outgoing.writeHead(response.statusCode ?? 502, withoutHopByHop(response.headers));
      outgoing.flushHeaders();
      response.pipe(outgoing);
      response.on("error", () => outgoing.end());
      if (response.headers["content-type"]?.startsWith("text/event-stream")) resolve();
    });
    forwarded.on("error", () => {
      if (!outgoing.headersSent) outgoing.writeHead(502, { "content-type": "text/plain" });
      outgoing.end("The Worker did not answer.\n");
    });
    outgoing.on("close", () => {
      forwarded.destroy();
      resolve();
    });
    incoming.pipe(forwarded);
    return promise;
  }
}

function withoutHopByHop(headers: IncomingMessage["headers"]): IncomingMessage["headers"] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.has(name)));
}

async function listenOn(host: string, port: number): Promise<Server> {
  const server = createServer();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(port, host, resolve);
  try {
    await promise;
  } catch (error) {
    if (!hasCode(error, "EADDRINUSE")) throw error;
    throw new UserError(
      `Port ${port} is in use. Stop what listens there, or choose another: npm start -- --port ${port + 1}`,
    );
  }
  server.removeListener("error", reject);
  return server;
}
