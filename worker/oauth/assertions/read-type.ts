import { decodeBase64Url } from "hono/utils/encode";

/** The most characters of an assertion. */
export const longestAssertion = 16_384;

/** The header of a JWT (RFC 7515 section 4.1). Nothing in it is proven. */
export interface Header {
  readonly typ?: unknown;
  readonly alg?: unknown;
  readonly kid?: unknown;
  readonly crit?: unknown;
  readonly b64?: unknown;
}

/** The header of a JWT; undefined if the text is not a JWT, or too long. */
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
 * text if it names none.
 * @returns undefined if the text is not a JWT, or too long.
 */
export function readType(jwt: string): string | undefined {
  const { typ = "" } = readHeader(jwt) ?? { typ: null };
  return typeof typ === "string" ? typ.toLowerCase().replace(/^application\//, "") : undefined;
}
