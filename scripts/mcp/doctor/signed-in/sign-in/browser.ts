import { hasCode } from "../../../../errors.ts";
import {
  listenForRedirect,
  openInBrowser,
  type RedirectListener,
} from "../../../redirect-listener.ts";
import { failed, notChecked } from "../../check.ts";
import type { Examination } from "../../examination.ts";
import { Outcome } from "../ask.ts";
import type { Attempt } from "../login.ts";
import { readParties } from "../state.ts";

export interface BrowserOptions {
  /** Opens a URL where the person sees it. Default: the machine's browser. */
  readonly openBrowser?: (url: string) => Promise<void>;
  /** Tells the person something. Default: a line on stderr. */
  readonly tell?: (line: string) => void;
  /** Milliseconds the person has. Default: five minutes. */
  readonly signInLimit?: number;
}

/** Milliseconds a person has to sign in, if nothing else is said. */
const defaultSignInLimit = 300_000;

/** Milliseconds that a check may take which waits for a person, and then for the server. */
export function toTimeLimit({ signInLimit = defaultSignInLimit }: BrowserOptions): number {
  return signInLimit + 60_000;
}

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
  await using listener = await listen(redirectUri);
  const answer = listener.next();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const seconds = Math.round(signInLimit / 1000);
    late.reject(new Outcome(notChecked(`Nobody signed in within ${seconds} seconds.`)));
  }, signInLimit);
  try {
    tell(`Sign in at your browser. If none opens, go to:\n  ${url}`);
    // A missing browser is not an error: the person may open the line above elsewhere. Nor is one that takes its
    // time waited for: the answer may come first, or the time be up.
    void openBrowser(url.href).catch(() => {});
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function listen({ origin, hostname, port, pathname }: URL): Promise<RedirectListener> {
  try {
    return await listenForRedirect({
      port: Number(port),
      host: hostname,
      path: pathname,
      heading: "Doctor has its answer",
    });
  } catch (error) {
    if (!hasCode(error, "EADDRINUSE")) throw error;
    throw new Outcome(
      failed(
        `Another program listens at ${origin}, where the browser is to come back.`,
        "Run doctor again: it chooses another port.",
      ),
    );
  }
}

function writeLine(line: string): void {
  process.stderr.write(`${line}\n`);
}
