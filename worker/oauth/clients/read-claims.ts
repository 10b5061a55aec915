import { decodeBase64Url } from "hono/utils/encode";

/** Claims of a JWT by which it says whose it is. Nothing of them is proven. */
export interface UnprovenClaims {
  readonly iss?: unknown;
  readonly sub?: unknown;
}

/**
 * Reads the claims of a JWT without checking it: as UTF-8, like the OAuth library, or a host could look
 * like another one here. @throws where it is none.
 */
export function readClaims(jwt: string): UnprovenClaims {
  const [, claims = ""] = jwt.split(".");
  return JSON.parse(new TextDecoder().decode(decodeBase64Url(claims))) as UnprovenClaims;
}
