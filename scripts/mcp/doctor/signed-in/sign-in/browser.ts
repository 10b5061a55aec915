import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { hasCode } from "../../../../errors.ts";
import { failed, notChecked } from "../../check.ts";
import type { Examination } from "../../examination.ts";
import { Outcome } from "../ask.ts";
import type { Attempt } from "../login.ts";
import { readParties } from "../state.ts";

/** How a person is asked. */
export interface BrowserOptions {
  /** Opens a URL where the person sees it. Default: the machine's browser. */
  readonly openBrowser?: (url: string) => Promise<void>;
  /** Tells the person something. Default: a line on stderr. */
  readonly tell?: (line: string) => void;
  /** Milliseconds the person has. Default: five minutes. */
  readonly signInLimit?: number;
}

/** Milliseconds a person has to sign in, where nothing else is said. */
const defaultSignInLimit = 300_000;

/** Milliseconds that a check may take which waits for a person, and then for the server. */
export function toTimeLimit({ signInLimit = defaultSignInLimit }: BrowserOptions): number {
  return signInLimit + 60_000;
}

const closing = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Signed in</title>
<link rel="icon" href="data:,"><body style="font: 1.1rem system-ui; margin: 4rem auto; max-width: 30rem">
<h1>Doctor has its answer</h1><p>You can close this page and go back to the terminal.</p></body></html>`;

/**
 * Opens the machine's browser at the server's sign-in, and waits on loopback for the person to come back
 * (RFC 8252 section 7.3).
 */
export async function signInAtBrowser(
  examination: Examination,
  { url }: Attempt,
  options: BrowserOptions = {},
): Promise<URL> {
  const {
    openBrowser = openInBrowser,
    tell = writeLine,
    signInLimit = defaultSignInLimit,
  } = options;
  const redirectUri = new URL(readParties(examination).redirectUri);
  const answer = Promise.withResolvers<URL>();
  await using _listener = await listen(redirectUri, (request, response) => {
    const target = new URL(request.url ?? "/", redirectUri);
    const isAnswer =
      request.method === "GET" &&
      target.pathname === redirectUri.pathname &&
      (target.searchParams.has("code") || target.searchParams.has("error"));
    response.statusCode = isAnswer ? 200 : 404;
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.setHeader("cache-control", "no-store");
    // Kept alive, it would keep the listener and with it the program.
    response.setHeader("connection", "close");
    response.setHeader("referrer-policy", "no-referrer");
    response.end(isAnswer ? closing : "Nothing is here.");
    if (isAnswer) answer.resolve(target);
  });
  const timer = setTimeout(() => {
    const seconds = Math.round(signInLimit / 1000);
    answer.reject(new Outcome(notChecked(`Nobody signed in within ${seconds} seconds.`)));
  }, signInLimit);
  try {
    tell(`Sign in at your browser. If none opens, go to:\n  ${url}`);
    // No browser is no fault: the person may open the line above elsewhere. Nor is one that takes its
    // time waited for: the answer may come first, or the time be up.
    void openBrowser(url.href).catch(() => {});
    return await answer.promise;
  } finally {
    clearTimeout(timer);
  }
}

async function listen(redirectUri: URL, handle: RequestListener) {
  const server: Server = createServer(handle);
  try {
    server.listen(Number(redirectUri.port), redirectUri.hostname.replace(/^\[|\]$/g, ""));
    await once(server, "listening");
  } catch (error) {
    if (!hasCode(error, "EADDRINUSE")) throw error;
    throw new Outcome(
      failed(
        `Another program listens at ${redirectUri.origin}, where the browser is to come back.`,
        "Run doctor again: it chooses another port.",
      ),
    );
  }
  return {
    async [Symbol.asyncDispose]() {
      // It ends when the page has arrived.
      server.close();
    },
  };
}

async function openInBrowser(url: string): Promise<void> {
  const { default: open } = await import("open");
  await open(url);
}

function writeLine(line: string): void {
  process.stderr.write(`${line}\n`);
}
