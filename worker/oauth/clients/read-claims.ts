import { decodeBase64Url } from "hono/utils/encode";

/** Claims by which a JWT says whose it is. Nothing in them is proven. */
export interface UnprovenClaims {
  readonly iss?: unknown;
  readonly sub?: unknown;
}

/**
 * Reads the claims of a JWT without checking it: as UTF-8, like the OAuth library, or a host could look
 * like another one here. @throws if it is not a JWT.
 */
export function readClaims(jwt: string): UnprovenClaims {
  const [, claims = ""] = jwt.split(".");
  return JSON.parse(new TextDecoder().decode(decodeBase64Url(claims))) as UnprovenClaims;
}
