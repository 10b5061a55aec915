import type { TokenEndpointResponse } from "oauth4webapi";
import type { UpstreamTokens } from "./identity.ts";

/** What is kept of a token response. */
export function keepTokens(response: TokenEndpointResponse): UpstreamTokens {
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: lifetime } = response;
  return {
    accessToken,
    ...(refreshToken !== undefined && { refreshToken }),
    ...(lifetime !== undefined && { expiresAt: Math.floor(Date.now() / 1000) + lifetime }),
  };
}

/** A response without a refresh token leaves the old one in force (RFC 6749 section 6). */
export function renewTokens(kept: UpstreamTokens, response: TokenEndpointResponse): UpstreamTokens {
  const { refreshToken } = kept;
  return { ...(refreshToken !== undefined && { refreshToken }), ...keepTokens(response) };
}
