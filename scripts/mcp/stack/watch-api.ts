import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  request as requestHttp,
  type ServerResponse,
} from "node:http";
import { request as requestHttps } from "node:https";
import type { AddressInfo } from "node:net";

/** Cloudflare's own API. */
const cloudflareApi = "https://api.cloudflare.com/client/v4";

/** Tries of the provider in all: cloudflare-go's WithMaxRetries(10) is tries after the first. */
const mostTries = 11;

/** Header in which Cloudflare's SDKs, the provider's among them, count the tries before this one. */
const retryCount = "x-stainless-retry-count";

/** A call that Cloudflare did not answer as it should, and that the provider will make again. */
export interface Trouble {
  /** Which try this was, from 1 on. */
  readonly attempt: number;
  /** In words: "Cloudflare answers 500, try 4 of 11". */
  readonly text: string;
}

/**
 * Hands the provider's calls on to Cloudflare's API, on a port of this machine, and tells of those that
 * fail. The provider itself says nothing for three minutes while it tries again. Nothing is kept of a
 * call, and its answer comes back as it is.
 */
export class ApiWatch implements AsyncDisposable {
  /** Base URL for the provider: `CLOUDFLARE_BASE_URL`. */
  readonly baseUrl: string;
  readonly #close: () => Promise<void>;

  private constructor(baseUrl: string, close: () => Promise<void>) {
    this.baseUrl = baseUrl;
    this.#close = close;
  }

  /** @param upstream base URL of the API. */
  static async start(
    onTrouble: (trouble: Trouble) => void,
    upstream: string = cloudflareApi,
  ): Promise<ApiWatch> {
    const target = new URL(upstream);
    const server = createServer((incoming, outgoing) => {
      handOn(target, incoming, outgoing, onTrouble);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    // Whatever ends this process ends its calls.
    server.unref();
    const { port } = server.address() as AddressInfo;
    return new ApiWatch(`http://127.0.0.1:${port}${target.pathname}`, async () => {
      server.close();
      server.closeAllConnections();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }
}

function handOn(
  target: URL,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  onTrouble: (trouble: Trouble) => void,
): void {
  const attempt = Number(incoming.headers[retryCount] ?? 0) + 1;
  const tell = (what: string) =>
    onTrouble({ attempt, text: `Cloudflare ${what}, try ${attempt} of ${mostTries}` });
  const request = target.protocol === "https:" ? requestHttps : requestHttp;
  const forwarded = request(target, {
    method: incoming.method,
    path: incoming.url,
    headers: { ...incoming.headers, host: target.host },
  });
  forwarded.on("response", (answer) => {
    const status = answer.statusCode ?? 502;
    if (isTrouble(status)) tell(`answers ${status}`);
    outgoing.writeHead(status, answer.headers);
    answer.pipe(outgoing);
    // Cut off as it came: the provider takes half an answer for none.
    answer.on("error", () => outgoing.destroy());
  });
  forwarded.on("error", ({ message }) => {
    if (outgoing.destroyed) return;
    if (!outgoing.headersSent) tell(`does not answer (${message})`);
    outgoing.destroy();
  });
  outgoing.on("close", () => forwarded.destroy());
  incoming.pipe(forwarded);
}

/** Whether the provider tries a call again; 409 too, as cloudflare-go does. */
function isTrouble(status: number): boolean {
  return [408, 409, 429].includes(status) || status >= 500;
}

/**
 * Whether the provider's calls may go by this process: to Cloudflare's own API alone, and not if this
 * machine reaches the Internet by a proxy, which the provider knows of and Node does not.
 */
export function mayWatch(baseUrl: string | undefined, environment: NodeJS.ProcessEnv): boolean {
  const names = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
  return !baseUrl && !names.some((name) => environment[name]);
}
