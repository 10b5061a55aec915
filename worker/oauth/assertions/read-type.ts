import { decodeBase64Url } from "hono/utils/encode";

/** Characters of an assertion at most. */
export const longestAssertion = 16_384;

/**
 * The type that a JWT gives itself (RFC 7515 section 4.1.9), in lower case and without `application/`; an empty
 * text where it names none. Nothing of it is proven.
 * @returns undefined for what is no JWT, or too long.
 */
export function readType(jwt: string): string | undefined {
  if (jwt.length > longestAssertion) return undefined;
  try {
    const [header = ""] = jwt.split(".");
    const { typ = "" } = JSON.parse(new TextDecoder().decode(decodeBase64Url(header))) as {
      readonly typ?: unknown;
    };
    if (typeof typ !== "string") return undefined;
    return typ.toLowerCase().replace(/^application\//, "");
  } catch {
    return undefined;
  }
}
