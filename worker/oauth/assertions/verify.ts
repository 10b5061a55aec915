import type { JWK, JWTPayload } from "jose";
import { compactVerify } from "jose/jws/compact/verify";
import { longestAssertion, readHeader, readType } from "./read-type.ts";

/** Algorithms that are accepted, everywhere. */
export const assertionAlgorithms = ["RS256", "ES256"];

/** Seconds by which two clocks may differ. */
export const clockTolerance = 60;

export interface KeyName {
  readonly alg: string;
  readonly kid: string | undefined;
}

/**
 * Finds the public keys that an assertion may have been signed with; none if there is no such key.
 * @throws UpstreamError "unavailable" if they cannot be fetched now.
 */
export type KeyFinder = (name: KeyName) => Promise<readonly JWK[]>;

export interface AssertionRules {
  readonly key: KeyFinder;
  readonly issuer: string;
  /** It names one of these, and nobody else. */
  readonly audiences: readonly string[];
  /** Types as `readType` gives them; an empty text for an assertion that names none. */
  readonly types: readonly string[];
  /** The most seconds from now until it ends. */
  readonly longestLifetime: number;
}

/** Claims of an assertion that holds. */
export interface Claims extends JWTPayload {
  readonly jti: string;
  readonly exp: number;
}

/** Why an assertion does not hold. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
  /** For the log. */
  readonly reason: string;

  /** @param words for the client: what is wrong and what it should be, and nothing that only this server knows. */
  constructor(reason: string, words: string) {
    super(words);
    this.reason = reason;
  }
}

/**
 * Checks a JWT that asserts something (RFC 7523 section 3): type, algorithm, signature, then its claims. `useOnce`
 * checks that it was not used before, and comes last.
 * @throws AssertionError. UpstreamError "unavailable" if its key cannot be fetched now.
 */
export async function verifyAssertion(jwt: string, rules: AssertionRules): Promise<Claims> {
  const { key, issuer, audiences, types, longestLifetime } = rules;
  if (jwt.length > longestAssertion) {
    throw new AssertionError("too_long", `It has more than ${longestAssertion} characters.`);
  }
  const type = readType(jwt);
  if (type === undefined) throw new AssertionError("malformed", "It is no signed JWT.");
  if (!types.includes(type)) throw new AssertionError("typ", `Its typ must not be "${type}".`);
  const claims = await verifySignature(jwt, key);
  const { iss, aud, exp, nbf = 0, iat = 0, jti } = claims;
  const now = Date.now() / 1000;
  const [audience, ...others] = [aud].flat();
  if (iss !== issuer) throw new AssertionError("iss", "Its iss is missing or wrong.");
  if (audience === undefined || others.length > 0 || !audiences.includes(audience)) {
    throw new AssertionError("aud", `Its aud must be ${audiences.join(" or ")}, and nothing else.`);
  }
  if (typeof exp !== "number") throw new AssertionError("exp", "It needs an exp.");
  if (exp <= now - clockTolerance) {
    throw new AssertionError("expired", "It has expired. Make a new one for each request.");
  }
  if (exp > now + longestLifetime + clockTolerance) {
    throw new AssertionError("exp", `It may be good for ${longestLifetime} seconds at most.`);
  }
  // Anything but a number is refused, too.
  if (!(Math.max(nbf, iat) <= now + clockTolerance)) {
    throw new AssertionError("nbf", "Its nbf or iat is in the future.");
  }
  if (typeof jti !== "string" || jti === "") throw new AssertionError("jti", "It needs a jti.");
  return { ...claims, jti, exp };
}

/** Its claims, signed by one of the keys. If no name tells two keys apart, each is tried. */
async function verifySignature(jwt: string, findKeys: KeyFinder): Promise<JWTPayload> {
  const { alg, kid, crit, b64 } = readHeader(jwt) ?? {};
  if (typeof alg !== "string" || !assertionAlgorithms.includes(alg)) {
    throw new AssertionError("alg", `Its alg must be ${assertionAlgorithms.join(" or ")}.`);
  }
  const malformed = new AssertionError("malformed", "It is no signed JWT.");
  if (crit !== undefined || b64 !== undefined) throw malformed;
  const keys = await findKeys({ alg, kid: typeof kid === "string" ? kid : undefined });
  if (keys.length === 0) {
    throw new AssertionError("key_unknown", "No key of its issuer has this kid and fits its alg.");
  }
  for (const key of keys) {
    try {
      const { payload } = await compactVerify(jwt, key, { algorithms: assertionAlgorithms });
      const claims: unknown = JSON.parse(new TextDecoder().decode(payload));
      if (typeof claims !== "object" || claims === null) throw malformed;
      return claims as JWTPayload;
    } catch (error) {
      const { code } = error as { readonly code?: unknown };
      if (code !== "ERR_JWS_SIGNATURE_VERIFICATION_FAILED") throw malformed;
    }
  }
  throw new AssertionError("signature", "Its signature is wrong.");
}
