import {
  Client,
  type ClientCapabilities,
  OAuthClientFlowError,
  OAuthError,
  ProtocolError,
  type RequestOptions,
  SdkError,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from "@modelcontextprotocol/client";
import { isLoopback } from "../../../infra/loopback.ts";
import { UserError } from "../../errors.ts";
import { toPlainLine } from "../../plain-text.ts";
import { createProgress } from "../../terminal/progress.ts";
import { readMachine } from "../connect/machine.ts";
import { findServer } from "../server-url.ts";
import type { ClientOptions } from "./options.ts";
import { answerForm, createTerminalPrompts } from "./questions.ts";
import { SignInFile } from "./sign-in-file.ts";
import { type TerminalOptions, TerminalSignIn } from "./terminal-sign-in.ts";

/** Work that a connected client does. `request` goes with each of its requests. */
export type ClientWork<Result> = (client: Client, request: RequestOptions) => Promise<Result>;

/** Who the client says it is. */
const self = { name: "remote-mcp-server-cli", version: "1.0.0" };

/** Milliseconds a request may take: a day, as a person ends it sooner with Ctrl-C, and a question waits for one. */
const longestRequest = 86_400_000;

/** Sign-ins of one command at most: the first, and one for what more it needs. */
const mostSignIns = 2;

/**
 * Connects to the server that is meant, and does some work there, signed in.
 * @throws UserError for everything that a person, the server or the network did.
 */
export async function runClient<Result>(
  options: ClientOptions,
  work: ClientWork<Result>,
): Promise<Result> {
  const { MCP_TOKEN: token } = process.env;
  const endpoint = await findEndpoint(options);
  const isAttended = !options.ci && process.stdin.isTTY && process.stderr.isTTY;
  const interrupt = new AbortController();
  const stop = () => interrupt.abort(new UserError("It was interrupted."));
  process.once("SIGINT", stop);
  const progress = createProgress(process.stderr);
  const request: RequestOptions = {
    signal: interrupt.signal,
    timeout: longestRequest,
    onprogress: ({ progress: done, total, message = "" }) => {
      const share = total === undefined ? String(done) : `${done}/${total}`;
      progress.show(toPlainLine(`${share} ${message}`));
    },
  };
  const connect = (authProvider: TerminalSignIn | { token(): Promise<string> }): Connection =>
    createConnection(endpoint, authProvider, isAttended ? progress.clear : undefined);
  try {
    if (token) return await useOnce(connect({ token: async () => token }), work, request);
    await using signIn = await openSignIn(endpoint, options, { isUnattended: options.ci ?? false });
    return await workSignedIn(() => connect(signIn), signIn, work, request);
  } catch (error) {
    if (interrupt.signal.aborted) throw interrupt.signal.reason;
    if (token && error instanceof UnauthorizedError) {
      throw new UserError(`${endpoint.href} refused the token of MCP_TOKEN.`);
    }
    throw explainFailure(error, endpoint);
  } finally {
    progress.clear();
    process.removeListener("SIGINT", stop);
  }
}

/**
 * The address that is meant.
 * @param other path of another endpoint than the one that a URL names.
 * @throws UserError for a server that cannot be named so, and one that would get the token in the open.
 */
export async function findEndpoint(options: ClientOptions, other?: string): Promise<URL> {
  const { origin, path = "/mcp" } = await findServer(options);
  const endpoint = new URL(other ?? path, origin);
  if (endpoint.protocol === "https:" || isLoopback(endpoint.href)) return endpoint;
  throw new UserError(
    `--url: ${origin} is not https, so anybody on the way could read your token.`,
  );
}

/** The sign-in of an endpoint, as it is remembered, or forgotten with --sign-in. */
export async function openSignIn(
  endpoint: URL,
  { signIn: isFresh }: ClientOptions,
  options: TerminalOptions,
): Promise<TerminalSignIn> {
  const file = new SignInFile(readMachine(), endpoint);
  if (isFresh) await file.remove();
  return TerminalSignIn.open(file, options);
}

interface Connection {
  readonly client: Client;
  readonly transport: StreamableHTTPClientTransport;
}

/** @param beforeAsking undefined: there is nobody to ask. */
function createConnection(
  endpoint: URL,
  authProvider: TerminalSignIn | { token(): Promise<string> },
  beforeAsking: (() => void) | undefined,
): Connection {
  const capabilities: ClientCapabilities =
    beforeAsking === undefined ? {} : { elicitation: { form: {} } };
  const client = new Client(self, { capabilities, versionNegotiation: { mode: "auto" } });
  if (beforeAsking !== undefined) {
    client.setRequestHandler("elicitation/create", async ({ params }) => {
      if (params.mode === "url") return { action: "cancel" };
      beforeAsking();
      return answerForm(params, await createTerminalPrompts());
    });
  }
  return { client, transport: new StreamableHTTPClientTransport(endpoint, { authProvider }) };
}

/** Works, and if the server wants a sign-in first, or a wider one, signs in and begins again. */
async function workSignedIn<Result>(
  connect: () => Connection,
  signIn: TerminalSignIn,
  work: ClientWork<Result>,
  request: RequestOptions,
): Promise<Result> {
  for (let signIns = 0; ; signIns++) {
    const connection = connect();
    try {
      return await useOnce(connection, work, request);
    } catch (error) {
      if (!(error instanceof UnauthorizedError) || signIns >= mostSignIns) throw error;
      const { signal = new AbortController().signal } = request;
      await connection.transport.finishAuth(await signIn.waitForAnswer(signal));
    }
  }
}

async function useOnce<Result>(
  { client, transport }: Connection,
  work: ClientWork<Result>,
  request: RequestOptions,
): Promise<Result> {
  try {
    const { signal, timeout } = request;
    await client.connect(transport, { ...(signal && { signal }), ...(timeout && { timeout }) });
    return await work(client, request);
  } finally {
    await client.close();
  }
}

/** Turns an error of the protocol, the sign-in or the network into words for a person. */
export function explainFailure(error: unknown, { href }: URL): unknown {
  if (error instanceof UserError) return error;
  if (error instanceof UnauthorizedError) {
    return new UserError(`${href} refused the token. Sign in again with --sign-in.`);
  }
  if (error instanceof ProtocolError) return new UserError(`The server refused: ${error.message}`);
  if (error instanceof OAuthError || error instanceof OAuthClientFlowError) {
    return new UserError(`The sign-in at ${href} failed: ${error.message}`);
  }
  if (error instanceof SdkError) return new UserError(`${href}: ${error.message}`);
  if (error instanceof TypeError && error.message === "fetch failed") {
    const { cause } = error;
    const reason = cause instanceof Error && cause.message ? cause.message : "no connection";
    return new UserError(`${href} does not answer: ${reason}.`);
  }
  return error;
}
