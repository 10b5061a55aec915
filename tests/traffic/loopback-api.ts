import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";

/** A request as the API got it. */
export interface Received {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** What the API says: an answer, none at all, or one that breaks off in its body. */
export type Said =
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body: string;
    }
  | "nothing"
  | "half";

/** An API on loopback that says what a test tells it to, and remembers what it was asked. */
export class LoopbackApi implements AsyncDisposable {
  readonly received: Received[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(say: (request: Received) => Said): Promise<LoopbackApi> {
    const server = createServer((request, response) => {
      void buffer(request).then((bytes) => {
        const { method = "", url = "", headers } = request;
        const received = { method, path: url, headers, body: bytes.toString() };
        api.received.push(received);
        answer(response, say(received));
      });
    });
    const api = new LoopbackApi(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return api;
  }

  get baseUrl(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("The API is not there.");
    return `http://127.0.0.1:${address.port}/client/v4`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** An answer in Cloudflare's envelope. */
export function succeed(result: unknown): Said {
  return { body: JSON.stringify({ success: true, errors: [], messages: [], result }) };
}

/** A refusal in Cloudflare's envelope. */
export function refuse(
  status: number,
  code: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Said {
  const errors = [{ code, message }];
  const body = JSON.stringify({ success: false, errors, messages: [], result: null });
  return { status, headers, body };
}

function answer(response: ServerResponse, said: Said): void {
  if (said === "nothing") {
    response.destroy();
    return;
  }
  if (said === "half") {
    response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
    response.write('{"success":true,', () => response.destroy());
    return;
  }
  response
    .writeHead(said.status ?? 200, { "content-type": "application/json", ...said.headers })
    .end(said.body);
}
