import { type Check, failed, notChecked, ok, warning } from "../check.ts";
import type { Examination } from "../examination.ts";
import { describeReception, isTaken, showToken, showTokenForStream } from "./ask.ts";
import { readAccessToken } from "./call-checks.ts";
import { explainOAuthError, readRefusal } from "./explain.ts";
import { beginAttempt, refreshTokens } from "./login.ts";
import { explainMissingLogin } from "./sign-in/index.ts";
import { findResource, keepSecret, readParties, stateOf } from "./state.ts";

/** A resource that is not a server's (RFC 2606). */
const foreignResource = "https://doctor.example/mcp";

const targetRemedy =
  "Refuse a resource that is not the server's with invalid_target (RFC 8707 section 2): a client that was lied to takes the token elsewhere.";

/** A token is for one endpoint. */
export const audienceChecks: readonly Check[] = [
  {
    id: "foreign-resource",
    title: "No token for another server can be obtained here",
    runbook: "resource-mismatch",
    async run(examination) {
      const { mcp } = examination.endpoints;
      const { url } = await beginAttempt(examination, mcp, foreignResource);
      const { status, headers, body } = await examination.fetch(url);
      await body?.cancel();
      if (status >= 400 && status < 500 && status !== 429) {
        return ok(`The authorization endpoint refuses it with ${status}.`);
      }
      const answer = readAnswer(examination, headers);
      const error = answer?.get("error");
      if (error) return ok(`The authorization endpoint refuses it: ${error}.`);
      if (answer?.has("code")) {
        return warning(`The server gave a code when asked for ${foreignResource}.`, targetRemedy);
      }
      return askWithRefresh(examination);
    },
  },
  {
    id: "audience",
    title: "A token is refused at the endpoint it is not for",
    runbook: "401-with-a-token",
    needs: ["token-opens", "sse-sign-in"],
    async run(examination) {
      const { mcp, sse } = examination.endpoints;
      const { sseLogin } = stateOf(examination);
      if (sse === undefined) return notChecked("There is one endpoint only.");
      if (sseLogin === undefined) throw explainMissingLogin(examination);
      if (findResource(examination, mcp) === findResource(examination, sse)) {
        return notChecked(`${mcp} and ${sse} are one resource, and share their tokens.`);
      }
      const receptions = [
        {
          of: mcp,
          at: sse,
          is: await showTokenForStream(examination, sse, readAccessToken(examination)),
        },
        { of: sse, at: mcp, is: await showToken(examination, mcp, sseLogin.tokens.accessToken) },
      ];
      const wrong = receptions.find(({ is }) => isTaken(is) || is.status >= 500);
      if (wrong === undefined) return ok(`Tokens of ${mcp} and ${sse} do not open the other.`);
      return failed(
        `A token for ${wrong.of} was answered ${describeReception(wrong.is)} at ${wrong.at}.`,
        "Compare the token's resource with the endpoint's on each request: an MCP server must take its own only.",
      );
    },
  },
];

/** The answer to the client, if nobody had to sign in for it. */
function readAnswer(examination: Examination, headers: Headers): URLSearchParams | undefined {
  const location = headers.get("location") ?? "";
  if (!URL.canParse(location, examination.origin)) return undefined;
  const { origin, pathname, searchParams } = new URL(location, examination.origin);
  if (`${origin}${pathname}` !== readParties(examination).redirectUri) return undefined;
  keepSecret(examination, searchParams.get("code") ?? undefined);
  return searchParams;
}

/** Asks with the refresh token, for which nobody has to sign in: some servers look at the resource late. */
async function askWithRefresh(examination: Examination) {
  const { login } = stateOf(examination);
  const refreshToken = login?.tokens.refreshToken;
  if (login === undefined || refreshToken === undefined) {
    return notChecked(
      "The authorization endpoint continues to its sign-in, and without a refresh token there is no other way to see.",
    );
  }
  try {
    login.tokens = await refreshTokens(examination, refreshToken, foreignResource);
    examination.learned.tokens = login.tokens;
    return warning(`The server gave a token when asked for ${foreignResource}.`, targetRemedy);
  } catch (error) {
    const refusal = readRefusal(error);
    const said = explainOAuthError(error);
    return refusal === undefined
      ? warning(`The token endpoint answered ${said}.`, targetRemedy)
      : ok(`The token endpoint refuses it: ${refusal.code}.`);
  }
}
