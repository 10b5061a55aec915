import type { JWTPayload, JWTVerifyGetKey } from "jose";
import { jwtVerify } from "jose/jwt/verify";
import { UpstreamError } from "../../identity/identity.ts";
import { longestAssertion, readType } from "./read-type.ts";

/** Algorithms that are taken, everywhere. */
export const assertionAlgorithms = ["RS256", "ES256"];

/** Seconds by which two clocks may differ. */
export const clockTolerance = 60;

/** What an assertion has to be. */
export interface AssertionRules {
  readonly key: JWTVerifyGetKey;
  readonly issuer: string;
  /** It is for one of these, and for nobody else besides. */
  readonly audiences: readonly string[];
  /** Types as `readType` gives them; an empty one for an assertion that names none. */
  readonly types: readonly string[];
  /** Seconds from now until it ends, at most. */
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

  /** @param words for the client: what is wrong and what it should be, and nothing that only we know. */
  constructor(reason: string, words: string) {
    super(words);
    this.reason = reason;
  }
}

/**
 * Checks a JWT that asserts something (RFC 7523 section 3): type, algorithm, signature, then its claims. That
 * it was not used before is `useOnce`'s to say, and comes last.
 * @throws AssertionError. UpstreamError "unavailable" where its key cannot be had now.
 */
export async function verifyAssertion(jwt: string, rules: AssertionRules): Promise<Claims> {
  const { key, issuer, audiences, types, longestLifetime } = rules;
  if (jwt.length > longestAssertion) {
    throw new AssertionError("too_long", `It has more than ${longestAssertion} characters.`);
  }
  const type = readType(jwt);
  if (type === undefined) throw new AssertionError("malformed", "It is no signed JWT.");
  if (!types.includes(type)) throw new AssertionError("typ", `Its typ must not be "${type}".`);
  const claims = await verify(jwt, { key, issuer });
  const { aud, exp = 0, jti } = claims;
  const [audience, ...others] = [aud].flat();
  if (audience === undefined || others.length > 0 || !audiences.includes(audience)) {
    throw new AssertionError("aud", `Its aud must be ${audiences.join(" or ")}, and nothing else.`);
  }
  if (exp > Date.now() / 1000 + longestLifetime + clockTolerance) {
    throw new AssertionError("exp", `It may be good for ${longestLifetime} seconds at most.`);
  }
  if (typeof jti !== "string" || jti === "") throw new AssertionError("jti", "It needs a jti.");
  return { ...claims, jti, exp };
}

async function verify(
  jwt: string,
  { key, issuer }: Pick<AssertionRules, "key" | "issuer">,
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(jwt, key, {
      algorithms: assertionAlgorithms,
      issuer,
      clockTolerance,
      requiredClaims: ["exp", "jti", "aud"],
    });
    return payload;
  } catch (error) {
    if (error instanceof UpstreamError) throw error;
    throw explain(error);
  }
}

/** jose's codes of what is wrong, in words. Its own messages may repeat what the assertion says. */
const words: Readonly<Record<string, string>> = {
  ERR_JOSE_ALG_NOT_ALLOWED: `Its alg must be ${assertionAlgorithms.join(" or ")}.`,
  ERR_JWKS_NO_MATCHING_KEY: "No key of its issuer has this kid and fits its alg.",
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: "Its issuer has several keys, so it must name its kid.",
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: "Its signature is wrong.",
  ERR_JWT_EXPIRED: "It has expired. Make a new one for each request.",
};

/** @throws what is no error of jose's: it is a defect. */
function explain(error: unknown): AssertionError {
  const { code, claim } = error as { readonly code?: unknown; readonly claim?: unknown };
  if (typeof code !== "string" || !code.startsWith("ERR_J")) throw error;
  if (code === "ERR_JWT_CLAIM_VALIDATION_FAILED") {
    return new AssertionError(String(claim), `Its ${claim} is missing or wrong.`);
  }
  const reason = code.slice("ERR_".length).toLowerCase();
  return new AssertionError(reason, words[code] ?? "It is no signed JWT.");
}
