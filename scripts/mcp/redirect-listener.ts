import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface RedirectOptions {
  /** Port of this machine; 0 takes a free one. */
  readonly port: number;
  /** Address it listens on. Default: 127.0.0.1, as RFC 8252 section 8.3 advises. */
  readonly host?: string;
  readonly path: string;
  /** Heading of the page that the person sees at the end. */
  readonly heading: string;
}

/** Where a browser brings the answer to an authorization request. */
export interface RedirectListener extends AsyncDisposable {
  readonly redirectUri: string;
  /**
   * Waits for the next answer, from this call on.
   * @param accepts whether an answer is the one that is waited for: another one is refused. Default: any is.
   * @returns the whole address it came to.
   */
  next(accepts?: (answer: URLSearchParams) => boolean): Promise<URL>;
}

/**
 * Listens on loopback for a person who comes back from a sign-in (RFC 8252 section 7.3).
 * @throws Error with the code EADDRINUSE if the port is taken.
 */
export async function listenForRedirect(options: RedirectOptions): Promise<RedirectListener> {
  const { port, host = "127.0.0.1", path, heading } = options;
  let waiting: ((target: URL) => boolean) | undefined;
  const server = createServer((request, response) => {
    const target = readTarget(request.url, redirectUri);
    const isAnswer =
      request.method === "GET" &&
      target?.pathname === path &&
      (target.searchParams.has("code") || target.searchParams.has("error")) &&
      waiting?.(target) === true;
    response.statusCode = isAnswer ? 200 : 404;
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.setHeader("cache-control", "no-store");
    // Kept alive, it would keep the listener and with it the program.
    response.setHeader("connection", "close");
    response.setHeader("referrer-policy", "no-referrer");
    response.end(isAnswer ? createPage(heading) : "Nothing is here.");
  });
  server.listen(port, host.replace(/^\[|\]$/g, ""));
  await once(server, "listening");
  const redirectUri = `http://${host}:${(server.address() as AddressInfo).port}${path}`;
  return {
    redirectUri,
    next(accepts = () => true) {
      const answer = Promise.withResolvers<URL>();
      waiting = (target) => {
        if (!accepts(target.searchParams)) return false;
        waiting = undefined;
        answer.resolve(target);
        return true;
      };
      return answer.promise;
    },
    async [Symbol.asyncDispose]() {
      // It ends when the page has arrived.
      server.close();
    },
  };
}

/** Opens the machine's browser. @throws Error if there is none. */
export async function openInBrowser(url: string): Promise<void> {
  const { default: open } = await import("open");
  await open(url);
}

function readTarget(path: string | undefined, base: string): URL | undefined {
  return URL.canParse(path ?? "", base) ? new URL(path ?? "", base) : undefined;
}

function createPage(heading: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Signed in</title>
<link rel="icon" href="data:,"><body style="font: 1.1rem system-ui; margin: 4rem auto; max-width: 30rem">
<h1>${heading}</h1><p>You can close this page and go back to the terminal.</p></body></html>`;
}
