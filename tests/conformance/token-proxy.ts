import { type IncomingMessage, request, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { listenOnLocalhost } from "../../scripts/runtime/listen.ts";

/** A server that lets everybody in, in front of one that asks for a token. */
export interface TokenProxy extends AsyncDisposable {
  /** `http://localhost:<port>` */
  readonly origin: string;
}

/** Changes the body of each POST on its way to the server. */
export type EditBody = (body: string) => string;

/**
 * Stands before a server and adds a token to each request: the suite has no way to send one. A request
 * for the proxy itself becomes one for the server, whose tokens are bound to its address; any other
 * `Host` goes through as it is, so that the suite can forge one.
 */
export async function startTokenProxy(
  origin: string,
  accessToken: string,
  edit?: EditBody,
): Promise<TokenProxy> {
  const { host, hostname, port } = new URL(origin);
  const listener = await listenOnLocalhost(
    0,
    (incoming, outgoing) => pass(incoming, outgoing),
    () => "",
  );
  const ownHosts = ["localhost", "127.0.0.1", "[::1]"].map((name) => `${name}:${listener.port}`);

  function pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { method, url, headers } = incoming;
    const isOwnHost = headers.host !== undefined && ownHosts.includes(headers.host);
    const passed = request({
      host: hostname,
      port,
      method,
      path: url,
      headers: {
        ...headers,
        ...(isOwnHost && { host }),
        authorization: `Bearer ${accessToken}`,
      },
    });
    passed.on("response", (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      outgoing.flushHeaders();
      response.pipe(outgoing);
      response.on("error", () => outgoing.destroy());
    });
    passed.on("error", () => outgoing.destroy());
    // The client left: so does the request.
    outgoing.on("close", () => passed.destroy());
    if (edit === undefined || method !== "POST") incoming.pipe(passed);
    else {
      passed.removeHeader("content-length");
      text(incoming)
        .then((body) => passed.end(edit(body)))
        .catch(() => passed.destroy());
    }
  }

  return {
    origin: `http://localhost:${listener.port}`,
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  };
}
