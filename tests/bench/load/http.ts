import { Agent, type IncomingMessage, request } from "node:http";
import { buffer } from "node:stream/consumers";

/** A Worker that is asked, straight at its runtime's port. Plain values: it travels between processes. */
export interface Target {
  readonly port: number;
  /** With which the runtime lets a request through, and by which the Worker knows its own address. */
  readonly headers: Readonly<Record<string, string>>;
  /** Process of its runtime. */
  readonly pid: number;
}

/** Address that every contestant believes to have. */
export const origin = "http://localhost:8787";

/** A request as it is sent. */
export interface Sent {
  readonly method?: "GET" | "POST";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An answer that was read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
}

const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

/** Sends a request. Resolves with the answer's head; its body is left to the caller. */
export function open(target: Target, sent: Sent): Promise<IncomingMessage> {
  const { method = "GET", path, headers, body } = sent;
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
  const outgoing = request({
    agent,
    host: "127.0.0.1",
    port: target.port,
    method,
    path,
    // Each from somewhere else: limits by address hold back one person, not a crowd.
    headers: { "cf-connecting-ip": makeAddress(), ...target.headers, ...headers, ...length },
  });
  outgoing.on("response", resolve);
  outgoing.on("error", (error: NodeJS.ErrnoException) => {
    // workerd closes a connection that was idle for some seconds, and this one did not know yet.
    if (error.code === "ECONNRESET" && outgoing.reusedSocket)
      open(target, sent).then(resolve, reject);
    else reject(error);
  });
  outgoing.end(body);
  return promise;
}

/** Sends a request and reads the answer. */
export async function ask(target: Target, sent: Sent): Promise<Answer> {
  const incoming = await open(target, sent);
  const text = (await buffer(incoming)).toString();
  return { status: incoming.statusCode ?? 0, headers: incoming.headers, text };
}

/** The server's part of requests. */
export interface Meter {
  /** Milliseconds until each answer was there, one after the other. */
  server: number;
  /** The same of each path. */
  readonly paths: Record<string, number>;
  requests: number;
}

/** A meter at its start. */
export const startMeter = (): Meter => ({ server: 0, paths: {}, requests: 0 });

/** `fetch` that reaches a Worker at its runtime's port, from one address. */
export function toFetch(target: Target, meter: Meter, address: string): typeof fetch {
  return async (input, init = {}) => {
    const url = new URL(String(input));
    const headers = new Headers(init.headers);
    headers.set("cf-connecting-ip", address);
    const { body } = init;
    if (body instanceof URLSearchParams) {
      headers.set("content-type", "application/x-www-form-urlencoded");
    }
    const begun = performance.now();
    const answer = await ask(target, {
      method: init.method === "POST" ? "POST" : "GET",
      path: `${url.pathname}${url.search}`,
      headers: Object.fromEntries(headers),
      ...(body !== undefined && body !== null && { body: String(body) }),
    });
    const time = performance.now() - begun;
    meter.server += time;
    meter.paths[url.pathname] = (meter.paths[url.pathname] ?? 0) + time;
    meter.requests += 1;
    return new Response(answer.text === "" ? null : answer.text, {
      status: answer.status,
      headers: toPairs(answer.headers),
    });
  };
}

/** Cookies stay apart, as `Headers` wants them. */
function toPairs(headers: IncomingMessage["headers"]): [string, string][] {
  return Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((each): [string, string] => [name, each]),
  );
}

/** An address of the network that is reserved for private use (RFC 1918). */
export function makeAddress(): string {
  const part = () => Math.floor(Math.random() * 254) + 1;
  return `10.${part()}.${part()}.${part()}`;
}
