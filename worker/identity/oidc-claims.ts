import { type Identity, longestEmail } from "./identity.ts";

type Claims = Readonly<Record<string, unknown>>;

/** Characters of a name that are kept: it travels in a cookie. */
const longestName = 100;

/** Host of the issuers of Microsoft Entra. */
const entraHost = "login.microsoftonline.com";

/** Host of the issuer of Google. */
const googleHost = "accounts.google.com";

/**
 * The address, and whether the provider vouches for it: `email_verified` (OpenID Connect Core
 * section 5.1). Some send it as a string. Entra never sends it: an administrator may write any address
 * there, of any domain. Its optional claim `xms_edov` says whether the domain's owner was verified
 * (learn.microsoft.com, "Optional claims reference"); only there does it count. Google verified an address
 * of another domain once, when a consumer account was made; it speaks for an address only at gmail.com
 * or with `hd`, the organisation (developers.google.com, "Authenticate with a backend server").
 */
export function readEmail(
  issuer: string,
  claims: Claims,
): Pick<Identity, "email" | "isEmailVerified"> {
  const { email, email_verified: verified, xms_edov: ownsDomain } = claims;
  if (typeof email !== "string" || email === "" || email.length > longestEmail) return {};
  const { host } = new URL(issuer);
  if (host === googleHost && !/@gmail\.com$/i.test(email) && typeof claims.hd !== "string") {
    return { email, isEmailVerified: false };
  }
  const isEntra = host === entraHost;
  return { email, isEmailVerified: isTrue(verified) || (isEntra && isTrue(ownsDomain)) };
}

/** What the provider calls the person, if it says so. */
export function readName({ preferred_username: user, name }: Claims): Pick<Identity, "name"> {
  const text = [user, name].find((value) => typeof value === "string" && value !== "");
  return typeof text === "string" ? { name: text.slice(0, longestName) } : {};
}

function isTrue(value: unknown): boolean {
  return value === true || value === "true" || value === 1 || value === "1";
}
