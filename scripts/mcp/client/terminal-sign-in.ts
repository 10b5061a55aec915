import { randomUUID } from "node:crypto";
import type {
  OAuthClientMetadata,
  OAuthClientProvider,
  OAuthDiscoveryState,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from "@modelcontextprotocol/client";
import { isLoopback } from "../../../infra/loopback.ts";
import { hasCode, UserError } from "../../errors.ts";
import { toPlainLine } from "../../plain-text.ts";
import { listenForRedirect, openInBrowser, type RedirectListener } from "../redirect-listener.ts";
import type { SignInFile, StoredSignIn } from "./sign-in-file.ts";

export interface TerminalOptions {
  /** Opens a URL where the person sees it. Default: the machine's browser. */
  readonly openBrowser?: (url: string) => Promise<void>;
  /** Tells the person something. Default: a line on the standard error. */
  readonly tell?: (line: string) => void;
  /** Milliseconds the person has. Default: five minutes. */
  readonly limit?: number;
  /** Nobody is there: refuses instead of opening a browser. Default: false. */
  readonly isUnattended?: boolean;
}

/** Path of the redirect URI. */
const path = "/callback";

/**
 * The OAuth side of a client at a terminal: it registers itself, sends the person to their browser, waits on
 * loopback for the answer (RFC 8252 section 7.3), and remembers the tokens in a file.
 */
export class TerminalSignIn implements OAuthClientProvider, AsyncDisposable {
  readonly #file: SignInFile;
  readonly #options: TerminalOptions;
  readonly #listener: RedirectListener;
  #signIn: StoredSignIn;
  #state: string | undefined;
  #answer: Promise<URL> | undefined;
  #verifier: string | undefined;
  #discovery: OAuthDiscoveryState | undefined;

  private constructor(
    file: SignInFile,
    options: TerminalOptions,
    signIn: StoredSignIn,
    listener: RedirectListener,
  ) {
    this.#file = file;
    this.#options = options;
    this.#signIn = signIn;
    this.#listener = listener;
  }

  /** @throws UserError if what is remembered cannot be read. */
  static async open(file: SignInFile, options: TerminalOptions = {}): Promise<TerminalSignIn> {
    const signIn = await file.read();
    return new TerminalSignIn(file, options, signIn, await listen(signIn.port ?? 0));
  }

  get redirectUrl(): string {
    return this.#listener.redirectUri;
  }

  get clientMetadata(): OAuthClientMetadata {
    return {
      client_name: "npm run mcp (remote-mcp-server)",
      redirect_uris: [this.redirectUrl],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
      application_type: "native",
    };
  }

  state(): string {
    this.#state = randomUUID();
    return this.#state;
  }

  clientInformation(): StoredOAuthClientInformation | undefined {
    return this.#signIn.client;
  }

  saveClientInformation(client: StoredOAuthClientInformation): Promise<void> {
    return this.#remember({ client, port: Number(new URL(this.redirectUrl).port) });
  }

  tokens(): StoredOAuthTokens | undefined {
    return this.#signIn.tokens;
  }

  saveTokens(tokens: StoredOAuthTokens): Promise<void> {
    return this.#remember({ tokens });
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }

  codeVerifier(): string {
    if (this.#verifier === undefined) throw new Error("No authorization was started.");
    return this.#verifier;
  }

  saveDiscoveryState(discovery: OAuthDiscoveryState): void {
    this.#discovery = discovery;
  }

  discoveryState(): OAuthDiscoveryState | undefined {
    return this.#discovery;
  }

  async invalidateCredentials(
    what: "all" | "client" | "tokens" | "verifier" | "discovery",
  ): Promise<void> {
    if (what === "verifier") this.#verifier = undefined;
    if (what === "discovery") this.#discovery = undefined;
    const { client, tokens: _tokens, ...rest } = this.#signIn;
    // A client that is gone took its tokens with it.
    if (what === "tokens") this.#signIn = { ...rest, ...(client !== undefined && { client }) };
    if (what === "client" || what === "all") this.#signIn = {};
    await this.#file.write(this.#signIn);
  }

  /** @throws UserError if nobody is there, or the server names an address that no browser can open. */
  async redirectToAuthorization(url: URL): Promise<void> {
    const { isUnattended = false, tell = writeLine, openBrowser = openInBrowser } = this.#options;
    if (isUnattended) {
      throw new UserError(
        "The server wants a sign-in, or one that allows more, and --ci says that nobody is there. Give a token in MCP_TOKEN, or run this once without --ci.",
      );
    }
    // The server chose it: another scheme would start a program of this machine.
    if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.href))) {
      throw new UserError(
        "The server's sign-in page is not at an https address. It was not opened.",
      );
    }
    const state = this.#state;
    this.#answer = this.#listener.next((answer) => answer.get("state") === state);
    tell(`Sign in at your browser. If none opens, go to:\n  ${toPlainLine(url.href)}`);
    // A missing browser is not an error: the person may open the line above elsewhere.
    void openBrowser(url.href).catch(() => {});
  }

  /**
   * Waits for the person to come back from the browser.
   * @returns the answer, with its code, for the transport's `finishAuth`.
   * @throws UserError if the sign-in was refused, or nobody came in time.
   */
  async waitForAnswer(signal: AbortSignal): Promise<URLSearchParams> {
    if (this.#answer === undefined) throw new Error("No authorization was started.");
    const { limit = 300_000 } = this.#options;
    const late = AbortSignal.timeout(limit);
    const either = AbortSignal.any([signal, late]);
    const ended = Promise.withResolvers<never>();
    const end = () => ended.reject(either.reason);
    if (either.aborted) end();
    either.addEventListener("abort", end, { once: true });
    try {
      const { searchParams } = await Promise.race([this.#answer, ended.promise]);
      const refusal = searchParams.get("error");
      if (refusal === null) return searchParams;
      throw new UserError(`The sign-in was refused: ${toPlainLine(refusal)}.`);
    } catch (error) {
      if (!late.aborted) throw error;
      throw new UserError(`Nobody signed in within ${Math.round(limit / 1000)} seconds.`);
    } finally {
      either.removeEventListener("abort", end);
    }
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#listener[Symbol.asyncDispose]();
  }

  async #remember(more: StoredSignIn): Promise<void> {
    this.#signIn = { ...this.#signIn, ...more };
    await this.#file.write(this.#signIn);
  }
}

/** Listens at the previous port if it is free: a server may compare it. */
async function listen(port: number): Promise<RedirectListener> {
  const options = { path, heading: "You are signed in" };
  try {
    return await listenForRedirect({ ...options, port });
  } catch (error) {
    if (!hasCode(error, "EADDRINUSE") && !hasCode(error, "EACCES")) throw error;
    return await listenForRedirect({ ...options, port: 0 });
  }
}

function writeLine(line: string): void {
  process.stderr.write(`${line}\n`);
}
