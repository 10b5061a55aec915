import { decodeBase64Url } from "hono/utils/encode";

/** Characters of an assertion at most. */
export const longestAssertion = 16_384;

/** What the header of a JWT says (RFC 7515 section 4.1). Nothing of it is proven. */
export interface Header {
  readonly typ?: unknown;
  readonly alg?: unknown;
  readonly kid?: unknown;
  readonly crit?: unknown;
  readonly b64?: unknown;
}

/** The header of a JWT; undefined for what is none, or too long. */
export function readHeader(jwt: string): Header | undefined {
  if (jwt.length > longestAssertion) return undefined;
  try {
    const [header = ""] = jwt.split(".");
    return { ...JSON.parse(new TextDecoder().decode(decodeBase64Url(header))) };
  } catch {
    return undefined;
  }
}

/**
 * The type that a JWT gives itself (RFC 7515 section 4.1.9), in lower case and without `application/`; an empty
 * text where it names none.
 * @returns undefined for what is no JWT, or too long.
 */
export function readType(jwt: string): string | undefined {
  const { typ = "" } = readHeader(jwt) ?? { typ: null };
  return typeof typ === "string" ? typ.toLowerCase().replace(/^application\//, "") : undefined;
}
