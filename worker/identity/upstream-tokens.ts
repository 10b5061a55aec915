import {
  type AuthorizationServer,
  authorizationCodeGrantRequest,
  type Client,
  type ClientAuth,
  processRefreshTokenResponse,
  refreshTokenGrantRequest,
  skipStateCheck,
  type TokenEndpointRequestOptions,
  type TokenEndpointResponse,
  validateAuthResponse,
} from "oauth4webapi";
import type { UpstreamTokens } from "./identity.ts";

/** This server as a client of the one that signs people in, and how its token endpoint is asked. */
export interface UpstreamClient {
  readonly server: AuthorizationServer;
  readonly client: Client;
  readonly authentication: ClientAuth;
  readonly options: TokenEndpointRequestOptions;
}

/**
 * Redeems the code that the person came back with. The caller has checked the state, and used it
 * up.
 * @returns the token endpoint's answer, which the caller must still check.
 */
export function redeemCode(
  { server, client, authentication, options }: UpstreamClient,
  callback: URL,
  redirectUri: string,
  verifier: string,
): Promise<Response> {
  const parameters = validateAuthResponse(server, client, callback, skipStateCheck);
  return authorizationCodeGrantRequest(
    server,
    client,
    authentication,
    parameters,
    redirectUri,
    verifier,
    options,
  );
}

/** The part of a token response that is stored. */
export function keepTokens(response: TokenEndpointResponse): UpstreamTokens {
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: lifetime } = response;
  return {
    accessToken,
    ...(refreshToken !== undefined && { refreshToken }),
    ...(lifetime !== undefined && { expiresAt: Math.floor(Date.now() / 1000) + lifetime }),
  };
}

/**
 * New tokens, with everything that came with them. A response without a refresh token leaves the old one
 * valid (RFC 6749 section 6).
 */
export async function renewTokens(
  { server, client, authentication, options }: UpstreamClient,
  refreshToken: string,
): Promise<{ readonly tokens: UpstreamTokens; readonly response: TokenEndpointResponse }> {
  const answer = await refreshTokenGrantRequest(
    server,
    client,
    authentication,
    refreshToken,
    options,
  );
  const response = await processRefreshTokenResponse(server, client, answer);
  return { tokens: { refreshToken, ...keepTokens(response) }, response };
}
