import { once } from "node:events";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { readSlowness } from "../../support/patience.ts";
import type { Answer, SentRequest } from "./sent.ts";

/** Milliseconds after which a request counts as hanging, on an idle machine. */
const patience = 5_000;

/** The same on this machine, now. */
export function readPatience(usual = patience): number {
  return usual * readSlowness();
}

/** Bytes of an answer that are read. */
const longestAnswer = 4 * 1024 * 1024;

/** Milliseconds that a stream of events is read. */
const streamTime = 500;

/** Sends requests to one server over connections that are kept. */
export class Sender implements Disposable {
  readonly #port: number;
  readonly #agent: Agent;
  readonly #patience: number | undefined;

  /** @param patienceTime milliseconds, instead of what this machine needs. */
  constructor(origin: string, inFlight: number, patienceTime?: number) {
    this.#port = Number(new URL(origin).port);
    this.#agent = new Agent({ keepAlive: true, maxSockets: inFlight });
    this.#patience = patienceTime;
  }

  /** Sends one. It never fails: whatever happens is an answer. */
  send(sent: SentRequest): Promise<Answer> {
    const patienceTime = this.#patience ?? readPatience();
    return sent.raw === undefined
      ? this.#sendRequest(sent, patienceTime)
      : this.#sendRaw(sent.raw, patienceTime);
  }

  #sendRequest(
    { method, path, headers, body }: SentRequest,
    patienceTime: number,
  ): Promise<Answer> {
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const started = performance.now();
    const asked = request({
      host: "127.0.0.1",
      port: this.#port,
      agent: this.#agent,
      method,
      path,
      headers: {
        host: `localhost:${this.#port}`,
        ...headers,
        ...(body !== undefined && { "content-length": body.length }),
      },
    });
    let head = "";
    let status = 0;
    const chunks: Buffer[] = [];
    let size = 0;
    const end = (failure?: Answer["failure"]) => {
      clearTimeout(late);
      const text = `${head}${Buffer.concat(chunks)}`;
      const milliseconds = performance.now() - started;
      resolve({ status, text, size, milliseconds, ...(failure && { failure }) });
    };
    const late = setTimeout(() => {
      end("hang");
      asked.destroy();
    }, patienceTime);
    asked.on("response", (response) => {
      status = response.statusCode ?? 0;
      head = `${response.rawHeaders.join("\n")}\n\n`;
      // That a stream begins is the answer: it may wait for events, or for a person's answer.
      if (response.headers["content-type"]?.startsWith("text/event-stream")) {
        const enough = setTimeout(() => {
          end();
          asked.destroy();
        }, streamTime);
        response.on("close", () => clearTimeout(enough));
      }
      response.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size <= longestAnswer) chunks.push(chunk);
        else asked.destroy();
      });
      response.on("end", () => end());
      response.on("close", () => end());
      response.on("error", () => end());
    });
    asked.on("error", () => end("reset"));
    asked.end(body);
    return promise;
  }

  /** Writes bytes, closes its side and reads what comes. A server may end what is not HTTP without a word. */
  #sendRaw(raw: Buffer, patienceTime: number): Promise<Answer> {
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const started = performance.now();
    const socket = connect({ host: "127.0.0.1", port: this.#port, allowHalfOpen: true });
    let text = "";
    const end = (failure?: Answer["failure"]) => {
      clearTimeout(late);
      socket.destroy();
      const [, status = "0"] = /^HTTP\/1\.[01] (\d{3})/.exec(text) ?? [];
      const milliseconds = performance.now() - started;
      resolve({
        status: Number(status),
        text,
        size: text.length,
        milliseconds,
        ...(failure && { failure }),
      });
    };
    const late = setTimeout(() => end("hang"), patienceTime);
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      if (/^content-type: text\/event-stream/im.test(text) || text.length > longestAnswer) end();
    });
    socket.on("end", () => end());
    socket.on("close", () => end());
    socket.on("error", () => end());
    socket.end(raw);
    return promise;
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

/** Bytes of a body that never ends: far more than any limit and the buffers on the way. */
const endless = 64 * 1024 * 1024;

/**
 * Sends a request whose body does not end.
 * @returns what is wrong: the server took all of it without an answer. Undefined: nothing is.
 */
export async function flood(
  origin: string,
  { method, path, headers }: Pick<SentRequest, "method" | "path" | "headers">,
): Promise<string | undefined> {
  const { port } = new URL(origin);
  const asked = request({ host: "127.0.0.1", port, method, path, agent: false, headers });
  const answered = Promise.withResolvers<void>();
  let isAnswered = false;
  for (const event of ["response", "error", "close"]) {
    asked.on(event, () => {
      isAnswered = true;
      answered.resolve();
    });
  }
  const piece = Buffer.alloc(64 * 1024, "a");
  let taken = 0;
  while (!isAnswered && taken < endless) {
    taken += piece.length;
    if (asked.write(piece)) await new Promise(setImmediate);
    else await Promise.race([once(asked, "drain").catch(() => undefined), answered.promise]);
  }
  asked.destroy();
  return isAnswered ? undefined : `${method} ${path} reads ${taken} bytes and says nothing`;
}
