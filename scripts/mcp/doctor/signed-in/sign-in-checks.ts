import { OperationProcessingError } from "oauth4webapi";
import { type Check, failed, notChecked, ok, warning } from "../check.ts";
import type { Examination } from "../examination.ts";
import { explainOAuthError, readRefusal } from "./explain.ts";
import { type Login, redeemCode, type Tokens } from "./login.ts";
import { explainMissingLogin, type Signer } from "./sign-in/index.ts";
import { keepSecret, stateOf } from "./state.ts";

/** Most seconds for which a probe's token may be good. */
const probeLifetime = 300;

/** From the sign-in to the tokens. */
export function createSignInChecks(signer: Signer): readonly Check[] {
  return [checkSignIn(signer), checkVerifier, checkToken(signer)];
}

function checkSignIn(signer: Signer): Check {
  return {
    id: "sign-in",
    timeLimit: signer.timeLimit,
    title: "A sign-in sends the client a code, its state and the issuer",
    runbook: "authorized-but-error",
    async run(examination) {
      try {
        const answered = await signer.signIn(examination, examination.endpoints.mcp);
        stateOf(examination).answered = answered;
        if (answered.answer.has("iss")) return ok("A code came back, with state and iss.");
        return warning(
          "A code came back with state, but without iss, by which a client tells which server answered (RFC 9207).",
          "Let the authorization server send iss and say so in its metadata: a coming MCP revision demands it.",
        );
      } catch (error) {
        const said = explainOAuthError(error);
        return error instanceof OperationProcessingError
          ? failed(
              `The answer to the authorization request cannot be believed: ${said}.`,
              "The redirect must carry the client's state as it was sent, and the issuer as iss (RFC 9207).",
            )
          : failed(
              `The sign-in ended without a code: ${said}.`,
              "Look for the refusal in the log (npx wrangler tail), and at who may sign in (allowed* settings).",
            );
      }
    },
  };
}

const checkVerifier: Check = {
  id: "wrong-verifier",
  title: "A code is refused without the verifier of its request (PKCE)",
  runbook: "pkce",
  needs: ["sign-in"],
  async run(examination) {
    const { answered } = stateOf(examination);
    if (answered === undefined) throw explainMissingLogin(examination);
    // As long as the right one, and of its alphabet.
    const wrong = answered.attempt.verifier.split("").reverse().join("");
    keepSecret(examination, wrong);
    const remedy =
      "Check the S256 challenge at the token endpoint: without it, whoever sees a code can redeem it.";
    try {
      await redeemCode(examination, answered, wrong);
      return failed("The code was redeemed with another verifier than its own.", remedy);
    } catch (error) {
      const refusal = readRefusal(error);
      if (refusal?.code === "invalid_grant") return ok("Another verifier got invalid_grant.");
      const said = explainOAuthError(error);
      return failed(
        `Another verifier was answered ${said}, not 400 invalid_grant.`,
        "Answer invalid_grant (RFC 7636 section 4.6): clients start over on it, and on nothing else.",
      );
    }
  },
};

function checkToken(signer: Signer): Check {
  return {
    id: "token",
    timeLimit: signer.timeLimit,
    title: "The code is redeemed for a bearer token that nobody may cache",
    runbook: "authorized-but-error",
    needs: ["sign-in"],
    async run(examination) {
      const { endpoints, learned, signIn } = examination;
      try {
        const { login, headers } = await redeem(examination, signer, endpoints.mcp);
        stateOf(examination).login = login;
        learned.tokens = login.tokens;
        const { tokens } = login;
        if (!(headers.get("cache-control") ?? "").includes("no-store")) {
          return failed(
            "The token answer has no Cache-Control: no-store.",
            "Send it (RFC 6749 section 5.1): a cache on the way may keep tokens and give them to others.",
          );
        }
        const problem = signIn.kind === "probe" && findProbeProblem(tokens);
        if (problem) return problem;
        if (tokens.expiresIn === undefined) {
          return warning(
            `A bearer token${describeScope(tokens)}, but without expires_in.`,
            "Say how long it is good: clients that do not know refresh too late, in the middle of a call.",
          );
        }
        const refresh = tokens.refreshToken === undefined ? "no" : "a";
        return ok(
          `A bearer token${describeScope(tokens)}, good for ${tokens.expiresIn} seconds, with ${refresh} refresh token and no-store.`,
        );
      } catch (error) {
        const said = explainOAuthError(error);
        return failed(
          `The code was not redeemed: ${said}.`,
          "Look for the token request in the log (npx wrangler tail); a proxy that changes its answer is another cause.",
        );
      }
    },
  };
}

/**
 * Redeems the code that the verifier was tried with. A server may have used it up by that: then a code
 * of its own.
 */
async function redeem(examination: Examination, signer: Signer, path: string) {
  const { answered } = stateOf(examination);
  if (answered === undefined) throw explainMissingLogin(examination);
  try {
    return await redeemCode(examination, answered);
  } catch (error) {
    if (readRefusal(error)?.code !== "invalid_grant") throw error;
    return redeemCode(examination, await signer.signIn(examination, path));
  }
}

/** Logs in once more, if a check has ended the login before. */
export async function logInAgain(examination: Examination, signer: Signer): Promise<Login> {
  const { login } = await redeemCode(
    examination,
    await signer.signIn(examination, examination.endpoints.mcp),
  );
  stateOf(examination).login = login;
  examination.learned.tokens = login.tokens;
  return login;
}

/** A probe that gives more than it promises is a way in. */
function findProbeProblem({ scope = "", expiresIn = Infinity, refreshToken }: Tokens) {
  const more = [
    ...(expiresIn > probeLifetime ? [`more than ${probeLifetime} seconds`] : []),
    ...(/^\S+$/.test(scope) ? [] : [`the scopes "${scope}"`]),
    ...(refreshToken === undefined ? [] : ["a refresh token"]),
  ];
  if (more.length === 0) return undefined;
  return failed(
    `The probe got ${more.join(" and ")}; its token is for one scope that only reads and ${probeLifetime} seconds.`,
    "Deploy this project's Worker again, and rotate probeSecret.",
  );
}

function describeScope({ scope }: Tokens): string {
  return scope === undefined ? "" : ` for ${scope}`;
}

/** The result of a check that needs a refresh token, if there is none. */
export function explainNoRefresh({ signIn }: Examination) {
  return signIn.kind === "probe"
    ? notChecked("A probe gets no refresh token. Run doctor with --sign-in browser to see this.")
    : notChecked("The server gave no refresh token.");
}
