import {
  allowInsecureRequests,
  authorizationCodeGrantRequest,
  calculatePKCECodeChallenge,
  customFetch,
  generateRandomCodeVerifier,
  generateRandomState,
  processAuthorizationCodeResponse,
  processRefreshTokenResponse,
  processRevocationResponse,
  refreshTokenGrantRequest,
  revocationRequest,
  type TokenEndpointResponse,
  validateAuthResponse,
} from "oauth4webapi";
import { notChecked } from "../check.ts";
import type { Examination } from "../examination.ts";
import { Outcome } from "./ask.ts";
import { findResource, keepSecret, listFirstScopes, readParties, timed } from "./state.ts";

/** An authorization request, with what the client keeps of it. */
export interface Attempt {
  /** Where the person is sent. */
  readonly url: URL;
  readonly state: string;
  readonly verifier: string;
  /** Identifier of the endpoint the token is for (RFC 8707). */
  readonly resource: string;
}

/** An authorization request that was answered with a code; the answer was checked. */
export interface Answered {
  readonly attempt: Attempt;
  readonly answer: URLSearchParams;
}

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken?: string;
  readonly scope?: string;
  readonly expiresIn?: number;
}

/** One grant, with its newest tokens. */
export interface Login {
  readonly resource: string;
  tokens: Tokens;
}

/** Makes an authorization request for an endpoint: S256, state, `resource`, its first scopes. */
export async function beginAttempt(
  examination: Examination,
  path: string,
  resource = findResource(examination, path),
): Promise<Attempt> {
  const { server, client, redirectUri } = readParties(examination);
  const { authorization_endpoint: endpoint = "" } = server;
  if (!URL.canParse(endpoint)) {
    throw new Outcome(notChecked("The metadata names no authorization_endpoint."));
  }
  const verifier = generateRandomCodeVerifier();
  const state = generateRandomState();
  const scope = listFirstScopes(examination, path).join(" ");
  const url = new URL(endpoint);
  const parameters = {
    response_type: "code",
    client_id: client.client_id,
    redirect_uri: redirectUri,
    state,
    resource,
    ...(scope !== "" && { scope }),
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  keepSecret(examination, verifier);
  return { url, state, verifier, resource };
}

/** Checks the answer to an authorization request: state, `iss` (RFC 9207) and no error. */
export function checkAnswer(examination: Examination, attempt: Attempt, redirect: URL): Answered {
  const { server, client } = readParties(examination);
  keepSecret(examination, redirect.searchParams.get("code") ?? undefined);
  const answer = validateAuthResponse(server, client, redirect, attempt.state);
  return { attempt, answer };
}

/** How requests are sent: as all of the examination's, over http if the server is on loopback. */
function toOptions(examination: Examination) {
  return {
    [customFetch]: (url: string, init: RequestInit) => examination.fetch(url, init),
    [allowInsecureRequests]: examination.origin.startsWith("http:"),
  };
}

/**
 * Redeems a code.
 * @param verifier another than the attempt's, to see it refused.
 * @returns the tokens, and the answer's headers.
 */
export async function redeemCode(
  examination: Examination,
  { attempt, answer }: Answered,
  verifier = attempt.verifier,
): Promise<{ readonly login: Login; readonly headers: Headers }> {
  const { server, client, authentication, redirectUri } = readParties(examination);
  const response = await timed(examination, "token", () =>
    authorizationCodeGrantRequest(server, client, authentication, answer, redirectUri, verifier, {
      ...toOptions(examination),
      additionalParameters: { resource: attempt.resource },
    }),
  );
  const tokens = toTokens(
    examination,
    await processAuthorizationCodeResponse(server, client, response),
  );
  const login: Login = { resource: attempt.resource, tokens };
  examination.leave.push(() => endLogin(examination, login));
  return { login, headers: response.headers };
}

/**
 * Asks for new tokens with a refresh token.
 * @param resource the endpoint they are for, if the request is to name one.
 */
export async function refreshTokens(
  examination: Examination,
  refreshToken: string,
  resource?: string,
): Promise<Tokens> {
  const { server, client, authentication } = readParties(examination);
  const response = await timed(examination, "refresh", () =>
    refreshTokenGrantRequest(server, client, authentication, refreshToken, {
      ...toOptions(examination),
      ...(resource !== undefined && { additionalParameters: { resource } }),
    }),
  );
  return toTokens(examination, await processRefreshTokenResponse(server, client, response));
}

/** Gives a token back (RFC 7009). @throws if the server does not take it. */
export async function revokeToken(examination: Examination, token: string): Promise<void> {
  const { server, client, authentication } = readParties(examination);
  const options = toOptions(examination);
  const response = await revocationRequest(server, client, authentication, token, options);
  await processRevocationResponse(response);
}

/** Ends a grant when all is done. One that was ended before is not an error (RFC 7009 section 2.2). */
async function endLogin(examination: Examination, { tokens }: Login): Promise<void> {
  const { refreshToken, accessToken } = tokens;
  if (examination.learned.serverMetadata?.revocation_endpoint === undefined) {
    throw new Error("the server takes no token back, so the login stays until it ends by itself");
  }
  await revokeToken(examination, refreshToken ?? accessToken);
}

function toTokens(examination: Examination, answer: TokenEndpointResponse): Tokens {
  const {
    access_token: accessToken,
    refresh_token: refreshToken,
    expires_in: expiresIn,
    scope,
  } = answer;
  keepSecret(examination, accessToken, refreshToken);
  return {
    accessToken,
    ...(refreshToken !== undefined && { refreshToken }),
    ...(scope !== undefined && { scope }),
    ...(expiresIn !== undefined && { expiresIn }),
  };
}
