import { auth, extractWWWAuthenticateParams } from "@modelcontextprotocol/client";
import * as z from "zod";
import { UserError } from "../../errors.ts";
import { toPlainLine } from "../../plain-text.ts";
import { count, formatDay, formatTable, toJson, toTerminalText } from "../../terminal/format.ts";
import type { ClientOptions } from "./options.ts";
import { explainFailure, findEndpoint, openSignIn } from "./run-client.ts";
import type { TerminalSignIn } from "./terminal-sign-in.ts";

/** Properties of a new token; the server chooses those that are undefined. */
interface AskedToken {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly days: number | undefined;
  readonly endpoint: "mcp" | "sse" | undefined;
}

const made = z.object({
  token: z.string(),
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.string()),
  resource: z.string(),
  expiresAt: z.number(),
});

const listed = z.object({
  tokens: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      scopes: z.array(z.string()),
      resource: z.string(),
      since: z.string(),
      lastUsed: z.string().optional(),
      until: z.string().optional(),
    }),
  ),
});

/** Makes a token. It goes to the standard output alone, so that a pipe gets nothing else. */
export async function createPersonalToken(
  options: ClientOptions,
  asked: AskedToken,
): Promise<void> {
  const answer = made.parse(await askTokens(options, { method: "POST", asked }));
  if (options.json) {
    console.log(toJson(answer));
    return;
  }
  const { token, name, scopes, resource, expiresAt } = answer;
  const facts = `"${name}" opens ${resource} for ${scopes.join(" ")} until ${formatDay(expiresAt)}.`;
  console.error(`${toPlainLine(facts)} It is shown this once; keep it where Git does not see it:`);
  console.log(token);
}

/** Prints the person's tokens. */
export async function listPersonalTokens(options: ClientOptions): Promise<void> {
  const { tokens } = await readTokens(options);
  if (options.json) {
    console.log(toJson(tokens));
    return;
  }
  if (tokens.length === 0) {
    console.log("You have no tokens here.");
    return;
  }
  const rows = tokens.map(({ id, name, scopes, resource, since, lastUsed = "-", until = "-" }) =>
    [name, id, resource, scopes.join(" "), since, lastUsed, until].map(toTerminalText),
  );
  const titles = ["Name", "Id", "Opens", "Scopes", "Made", "Last used", "Ends"];
  console.log(`${count(tokens.length, "token")}.\n\n${formatTable(titles, rows)}`);
}

/** Ends the token of this name or id. @throws UserError if there is none. */
export async function revokePersonalToken(options: ClientOptions, name: string): Promise<void> {
  const { tokens } = await readTokens(options);
  const token = tokens.find(({ id }) => id === name) ?? tokens.find((each) => each.name === name);
  if (token === undefined) {
    throw new UserError(`You have no token "${name}" here. \`token list\` shows those you have.`);
  }
  // Signed in by now: a second --sign-in would ask the person again.
  const { signIn: _fresh, ...rest } = options;
  const ended: unknown = await askTokens(rest, { method: "DELETE", id: token.id });
  if (options.json) console.log(toJson(ended));
  else
    console.log(
      `Ended "${toTerminalText(token.name)}". Programs that have it are refused within about a minute.`,
    );
}

async function readTokens(options: ClientOptions): Promise<z.infer<typeof listed>> {
  return listed.parse(await askTokens(options, { method: "GET" }));
}

/** Where a server has its personal tokens: an OAuth resource of its own, see `worker/oauth/personal-tokens`. */
const path = "/personal-tokens";

interface TokenRequest {
  readonly method: "GET" | "POST" | "DELETE";
  /** Id of the token that is meant. */
  readonly id?: string;
  /** Properties of a new token. */
  readonly asked?: object;
}

const problem = z.object({ problem: z.string() });

/**
 * Asks a server about the person's tokens, signed in for just that. The sign-in is remembered apart from
 * those of `call` and its like: it opens no tool, and theirs make no token.
 * @throws UserError for everything that a person, the server or the network did.
 */
async function askTokens(options: ClientOptions, request: TokenRequest): Promise<unknown> {
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
    throw explainFailure(error, endpoint);
  } finally {
    process.removeListener("SIGINT", stop);
  }
}

/** Sends the request, after a sign-in if the server wants one. */
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
