import { auth, extractWWWAuthenticateParams } from "@modelcontextprotocol/client";
import * as z from "zod";
import { UserError } from "../../errors.ts";
import { toPlainLine } from "../../plain-text.ts";
import type { ClientOptions } from "./options.ts";
import { explain, findEndpoint, openSignIn } from "./run.ts";
import type { TerminalSignIn } from "./terminal-sign-in.ts";

/** Where a server has its personal tokens: an OAuth resource of its own, see `worker/oauth/personal-tokens`. */
const path = "/personal-tokens";

/** What is asked of a server. */
export interface TokenRequest {
  readonly method: "GET" | "POST" | "DELETE";
  /** Id of the token that is meant. */
  readonly id?: string;
  /** What a token is to be made with. */
  readonly asked?: object;
}

const problem = z.object({ problem: z.string() });

/**
 * Asks a server about the person's tokens, signed in for just that. The sign-in is remembered apart from
 * those of `call` and its like: it opens no tool, and theirs make no token.
 * @throws UserError for everything that a person, the server or the network did.
 */
export async function askTokens(options: ClientOptions, request: TokenRequest): Promise<unknown> {
  const endpoint = await findEndpoint(options, path);
  const interrupt = new AbortController();
  const stop = () => interrupt.abort(new UserError("It was interrupted."));
  process.once("SIGINT", stop);
  try {
    await using signIn = await openSignIn(endpoint, options, { isUnattended: options.ci ?? false });
    const response = await sendSignedIn(endpoint, request, signIn, interrupt.signal);
    return await readAnswer(response, endpoint);
  } catch (error) {
    if (interrupt.signal.aborted) throw interrupt.signal.reason;
    throw explain(error, endpoint);
  } finally {
    process.removeListener("SIGINT", stop);
  }
}

/** Sends the request, after a sign-in where the server wants one. */
async function sendSignedIn(
  endpoint: URL,
  request: TokenRequest,
  signIn: TerminalSignIn,
  signal: AbortSignal,
): Promise<Response> {
  const first = await send(endpoint, request, signIn, signal);
  if (first.status !== 401) return first;
  await first.body?.cancel();
  const { resourceMetadataUrl, scope } = extractWWWAuthenticateParams(first);
  const authorization = {
    serverUrl: endpoint,
    ...(resourceMetadataUrl && { resourceMetadataUrl }),
    ...(scope && { scope }),
  };
  // It refreshes, or sends the person to their browser.
  if ((await auth(signIn, authorization)) === "REDIRECT") {
    const answer = await signIn.waitForAnswer(signal);
    const [authorizationCode, iss] = [answer.get("code") ?? "", answer.get("iss")];
    await auth(signIn, { ...authorization, authorizationCode, ...(iss !== null && { iss }) });
  }
  return send(endpoint, request, signIn, signal);
}

function send(
  endpoint: URL,
  { method, id, asked }: TokenRequest,
  signIn: TerminalSignIn,
  signal: AbortSignal,
): Promise<Response> {
  const url = new URL(endpoint);
  if (id !== undefined) url.searchParams.set("id", id);
  const { access_token: token = "" } = signIn.tokens() ?? {};
  return fetch(url, {
    method,
    signal,
    redirect: "error",
    headers: {
      ...(token !== "" && { authorization: `Bearer ${token}` }),
      ...(asked !== undefined && { "content-type": "application/json" }),
    },
    ...(asked !== undefined && { body: JSON.stringify(asked) }),
  });
}

/** @throws UserError with what the server says is wrong. */
async function readAnswer(response: Response, { origin, href }: URL): Promise<unknown> {
  if (response.status === 404) {
    const { data } = problem.safeParse(await response.json().catch(() => undefined));
    throw new UserError(
      data === undefined
        ? `${origin} has no personal tokens. Whoever runs it allows them with the setting personalTokens.`
        : toPlainLine(data.problem),
    );
  }
  if (response.status === 401) {
    throw new UserError(`${href} refused the sign-in. Sign in again with --sign-in.`);
  }
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok) return body;
  const said = problem.safeParse(body).data?.problem ?? `it answered ${response.status}`;
  throw new UserError(`${href}: ${toPlainLine(said)}`);
}
