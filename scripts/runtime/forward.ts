import { type ClientRequest, type IncomingMessage, request, type ServerResponse } from "node:http";
import { tellError } from "../errors.ts";
import type { Gate } from "./gate.ts";

/** Which Worker of the runtime answers, and at which address it believes to be asked. */
export interface Destination {
  /** Name of the Worker. Default: the runtime's first. */
  readonly worker?: string;
  /** The address, if it is not the one of the request itself. */
  readonly url?: string;
  /** An id that the Worker gets for this request and writes into its log, as Cloudflare gives one (`cf-ray`). */
  readonly requestId?: string;
}

/** Headers that concern one connection only (RFC 9110 section 7.6.1). */
const hopByHop = new Set([
  "connection",
  "keep-alive",
  "transfer-encoding",
  "upgrade",
  "te",
  "trailer",
]);

/** Times that a request without a body is sent, if its connection fails before an answer begins. */
const attempts = 4;

/** Milliseconds between two of them. */
const pause = 150;

/**
 * Takes a request to a Worker and its answer back, when the gate is open. Never rejects: one request that
 * cannot be passed on must not end the server.
 */
export async function forward(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  gate: Gate,
  destination: Destination = {},
): Promise<void> {
  try {
    await pass(incoming, outgoing, gate, destination);
  } catch (error) {
    if (!outgoing.headersSent) outgoing.writeHead(502, { "content-type": "text/plain" });
    outgoing.end(`The request could not be passed on (${tellError(error)}).\n`);
  }
}

async function pass(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  gate: Gate,
  { worker, url, requestId }: Destination,
): Promise<void> {
  if (isReserved(incoming.url ?? "")) {
    outgoing.writeHead(404, { "content-type": "text/plain" });
    outgoing.end("Paths under /cdn-cgi/ are the runtime's own.\n");
    return;
  }
  using passage = await gate.pass();
  // A client that left while it waited has no address any more, and nobody to answer.
  if (incoming.socket.remoteAddress === undefined) return;
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  let forwarded: ClientRequest;
  const send = (attempt: number) => {
    forwarded = request({
      host: "127.0.0.1",
      port: passage.port,
      agent: passage.agent,
      method: incoming.method,
      path: incoming.url,
      headers: {
        ...withoutHopByHop(incoming.headers),
        // As Cloudflare does: whatever the client claims is replaced.
        "cf-connecting-ip": incoming.socket.remoteAddress,
        ...(requestId !== undefined && { "cf-ray": requestId }),
        ...(url !== undefined && { "mf-original-url": url, host: new URL(url).host }),
        ...passage.headersFor(worker),
      },
    });
    forwarded.on("response", (response) => {
      outgoing.writeHead(response.statusCode ?? 502, withoutHopByHop(response.headers));
      outgoing.flushHeaders();
      response.pipe(outgoing);
      response.on("error", () => outgoing.end());
      response.on("end", dropRest);
      // An answer to a POST that comes as a stream has an end of its own.
      const isStream = response.headers["content-type"]?.startsWith("text/event-stream");
      if (isStream && incoming.method === "GET") {
        passage.becomeStream(createEnd(response, outgoing));
      }
    });
    // Of an answer that came before the body had ended, the client may still be sending: what it sends is
    // taken and dropped. A closed connection would cost it the answer (RFC 9112 section 9.6).
    const dropRest = () => {
      incoming.unpipe(forwarded);
      incoming.resume();
    };
    forwarded.on("error", (error: NodeJS.ErrnoException) => {
      if (outgoing.headersSent || outgoing.destroyed) {
        outgoing.end();
      } else if (isRepeatable(incoming) && attempt < attempts) {
        // A runtime that has just started was seen to reset a new connection.
        setTimeout(send, pause, attempt + 1);
      } else {
        dropRest();
        outgoing.writeHead(502, { "content-type": "text/plain" });
        outgoing.end(`The Worker did not answer (${error.code ?? error.message}).\n`);
      }
    });
    if (isRepeatable(incoming)) forwarded.end();
    else incoming.pipe(forwarded);
  };
  outgoing.on("close", () => {
    forwarded.destroy();
    resolve();
  });
  send(1);
  await ended;
}

/** Below this path the runtime itself answers. Only cron runs by hand are for people outside. */
const reserved = "/cdn-cgi/";
const cronRun = "/cdn-cgi/handler/scheduled";

/**
 * Whether a path belongs to the runtime: as at Cloudflare, where none of these reaches a Worker. Here
 * miniflare would hand out the objects of R2 buckets to everybody.
 */
function isReserved(path: string): boolean {
  // Not resolved against an address: `//host` would be taken for another one.
  const pathname = URL.parse(`http://localhost${path}`)?.pathname ?? "";
  return pathname.startsWith(reserved) && pathname !== cronRun;
}

/** Whether it does no harm to ask twice (RFC 9110 section 9.2.1), and there is no body to send again. */
function isRepeatable({ method }: IncomingMessage): boolean {
  return method === "GET" || method === "HEAD";
}

/** Milliseconds after which a client opens a stream again that a restart has ended. */
const retryTime = 250;

/**
 * What ends a stream of events so that its client comes back soon. An event that is half sent is left
 * so: its client drops it (HTML standard, section 9.2.6).
 */
function createEnd(response: IncomingMessage, outgoing: ServerResponse): () => void {
  let isBetweenEvents = true;
  response.on("data", (chunk: Buffer) => {
    isBetweenEvents = /\n\r?\n$/.test(chunk.subarray(-3).toString("latin1"));
  });
  return () => {
    response.unpipe(outgoing);
    outgoing.end(isBetweenEvents ? `retry: ${retryTime}\n\n` : "");
  };
}

/** Those of the runtime itself choose another Worker or another address. */
function withoutHopByHop(headers: IncomingMessage["headers"]): IncomingMessage["headers"] {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !hopByHop.has(name) && !name.startsWith("mf-")),
  );
}
