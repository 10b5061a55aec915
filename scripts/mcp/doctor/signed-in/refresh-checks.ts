import { type Check, type Finding, failed, ok, warning } from "../check.ts";
import type { Examination } from "../examination.ts";
import { describeReception, isTaken, Outcome, showToken } from "./ask.ts";
import { explainOAuthError, readRefusal } from "./explain.ts";
import { type Login, refreshTokens, type Tokens } from "./login.ts";
import { explainMissingLogin, type Signer } from "./sign-in/index.ts";
import { explainNoRefresh, logInAgain } from "./sign-in-checks.ts";
import { stateOf } from "./state.ts";

/** Refresh tokens that come twice: what signs people out if it goes wrong. */
export function createRepeatChecks(signer: Signer): readonly Check[] {
  return [checkTwoAtOnce, checkOldToken(signer)];
}

/** Every client does this each hour. */
export const refreshCheck: Check = {
  id: "refresh",
  title: "A refresh token gives new tokens, and is replaced",
  runbook: "signed-out-every-day",
  needs: ["token-opens"],
  async run(examination) {
    const login = readLogin(examination);
    const before = readRefreshToken(examination, login);
    let fresh: Tokens;
    try {
      fresh = await refreshTokens(examination, before);
    } catch (error) {
      const said = explainOAuthError(error);
      return failed(
        `A refresh token that was just given got ${said}.`,
        "Look for the token request in the log (npx wrangler tail): every client will be signed out when its access token ends.",
      );
    }
    const { accessToken, refreshToken = before } = fresh;
    const reception = await showToken(examination, examination.endpoints.mcp, accessToken);
    if (!isTaken(reception)) {
      // The old access token is good for the lines to come.
      takeOver(examination, login, { ...fresh, accessToken: login.tokens.accessToken });
      return failed(
        `The new access token was answered ${describeReception(reception)}.`,
        "Look at what a refresh puts into the token: its audience and its scopes stay as they were.",
      );
    }
    takeOver(examination, login, fresh);
    if (refreshToken === before) {
      return failed(
        "The refresh token stays the same.",
        "Replace it at each use: for a public client OAuth 2.1 (section 4.3.1) demands it.",
      );
    }
    stateOf(examination).canRefresh = true;
    return ok("New tokens, and the access token opens the endpoint.");
  },
};

const checkTwoAtOnce: Check = {
  id: "refresh-at-once",
  title: "Two programs that refresh at once both stay signed in",
  runbook: "refresh-race",
  needs: ["refresh"],
  async run(examination) {
    const login = readLogin(examination);
    const token = readRefreshToken(examination, login);
    const remedy =
      "Answer a refresh that comes again within a minute as the first time: many clients run as several programs that share their tokens.";
    const both = await Promise.allSettled([
      refreshTokens(examination, token),
      refreshTokens(examination, token),
    ]);
    const given: Tokens[] = [];
    for (const answer of both) {
      if (answer.status === "fulfilled") given.push(answer.value);
      else explainOAuthError(answer.reason);
    }
    for (const tokens of given) takeOver(examination, login, tokens);
    const refused = both.find((answer) => answer.status === "rejected");
    if (refused !== undefined) {
      const said = explainOAuthError(refused.reason);
      return warning(`Of two refreshes at once, ${2 - given.length} got ${said}.`, remedy);
    }
    for (const { accessToken } of given) {
      const reception = await showToken(examination, examination.endpoints.mcp, accessToken);
      if (isTaken(reception)) continue;
      return warning(
        `Both got tokens, but one access token was answered ${describeReception(reception)}.`,
        remedy,
      );
    }
    // A server may give both the same.
    for (const next of new Set(given.map(({ refreshToken = token }) => refreshToken))) {
      try {
        takeOver(examination, login, await refreshTokens(examination, next));
      } catch (error) {
        const said = explainOAuthError(error);
        return warning(`Both got tokens, but one's next refresh got ${said}.`, remedy);
      }
    }
    return ok("Both got tokens that open the endpoint and refresh again.");
  },
};

function checkOldToken(signer: Signer): Check {
  return {
    id: "refresh-again",
    timeLimit: signer.timeLimit,
    title: "A refresh whose answer got lost can be sent again",
    runbook: "signed-out-every-day",
    needs: ["refresh"],
    async run(examination) {
      const login = await findLiveLogin(examination, signer);
      const before = readRefreshToken(examination, login);
      takeOver(examination, login, await refreshTokens(examination, before));
      try {
        takeOver(examination, login, await refreshTokens(examination, before));
        return ok("The old refresh token was taken once more, right after.");
      } catch (error) {
        return explainOldToken(error);
      }
    },
  };
}

/** A strict server is right, but its clients pay for each answer that gets lost. */
function explainOldToken(error: unknown): Finding {
  const said = explainOAuthError(error);
  const refusal = readRefusal(error);
  if (refusal?.code === "invalid_grant" || refusal?.status === 429) {
    return warning(
      `The old refresh token got ${said} right after its use.`,
      "A client that lost the answer must sign in again: take the old token for some seconds more.",
    );
  }
  return failed(
    `The old refresh token got ${said}, not 400 invalid_grant.`,
    "Answer invalid_grant (RFC 6749 section 5.2): on anything else clients keep trying, or drop their registration.",
  );
}

/** The login with tokens that work. A strict server ends it when a token comes twice: then a new one. */
export async function findLiveLogin(examination: Examination, signer: Signer): Promise<Login> {
  const login = readLogin(examination);
  const { accessToken, refreshToken } = login.tokens;
  if (refreshToken === undefined) {
    const reception = await showToken(examination, examination.endpoints.mcp, accessToken);
    return isTaken(reception) ? login : logInAgain(examination, signer);
  }
  try {
    takeOver(examination, login, await refreshTokens(examination, refreshToken));
    return login;
  } catch (error) {
    explainOAuthError(error);
    return logInAgain(examination, signer);
  }
}

/** @throws Outcome "not checked" if nothing signed in. */
export function readLogin(examination: Examination): Login {
  const { login } = stateOf(examination);
  if (login === undefined) throw explainMissingLogin(examination);
  return login;
}

function readRefreshToken(examination: Examination, { tokens }: Login): string {
  if (tokens.refreshToken === undefined) throw new Outcome(explainNoRefresh(examination));
  return tokens.refreshToken;
}

function takeOver({ learned }: Examination, login: Login, tokens: Tokens): void {
  // What an answer leaves out stays as it was (RFC 6749 sections 5.1 and 6).
  login.tokens = { ...login.tokens, ...tokens };
  learned.tokens = login.tokens;
}
