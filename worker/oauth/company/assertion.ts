import type { WorkerSettings } from "../../env.ts";
import { isAllowed } from "../../identity/allowed.ts";
import { type Identity, longestEmail } from "../../identity/identity.ts";
import { pickGroups } from "../../identity/scope-limit.ts";
import { idJagType } from "../assertions/jwt-bearer.ts";
import { findKeyAt } from "../assertions/key-set.ts";
import { TokenRefusal } from "../assertions/refusal.ts";
import {
  AssertionError,
  type Claims,
  clockTolerance,
  verifyAssertion,
} from "../assertions/verify.ts";
import { readClaims } from "../clients/read-claims.ts";
import type { EnterpriseIssuer } from "./settings.ts";

/** The most seconds for which an assertion is valid: its client gets one for each token. */
const longestLifetime = 300;

/** Longest subject (OpenID Connect Core section 2). */
const longestSubject = 255;

/** A valid assertion of a company. */
export interface CompanyAssertion {
  readonly claims: Claims;
  readonly subject: string;
  /** Scopes that it names; undefined if it names none. */
  readonly scopes: readonly string[] | undefined;
  /** The endpoint that it names, if it does (RFC 8707). */
  readonly resource: string | undefined;
}

/**
 * The issuer that an assertion names, among those in the settings. Nothing about it is proven.
 * @throws TokenRefusal
 */
export function findIssuer(
  assertion: string,
  { enterprise = [] }: Pick<WorkerSettings, "enterprise">,
): EnterpriseIssuer {
  let name: unknown;
  try {
    name = readClaims(assertion).iss;
  } catch {
    // Whose it is cannot be read.
  }
  const issuer = enterprise.find((one) => one.issuer === name);
  if (issuer !== undefined) return issuer;
  const words =
    "This server trusts no such issuer. The setting enterpriseIssuers names those it does.";
  throw new TokenRefusal("invalid_grant", "issuer_unknown", words);
}

/**
 * Checks an assertion (draft-ietf-oauth-identity-assertion-authz-grant, section 4.3): everything except whether
 * it was used before.
 * @throws AssertionError. UpstreamError "unavailable" if its issuer's keys cannot be fetched now.
 */
export async function checkAssertion(
  assertion: string,
  issuer: EnterpriseIssuer,
  clientId: string,
  origin: string,
): Promise<CompanyAssertion> {
  const claims = await verifyAssertion(assertion, {
    key: findKeyAt(issuer.keysUrl),
    issuer: issuer.issuer,
    audiences: [origin],
    types: [idJagType],
    longestLifetime,
  });
  const { sub, iat, exp, client_id: client, scope, resource } = claims;
  const wrong = (name: string, words: string) => new AssertionError(name, words);
  if (typeof sub !== "string" || sub === "" || sub.length > longestSubject) {
    throw wrong("sub", "It names nobody: its sub is missing or too long.");
  }
  if (client !== clientId) throw wrong("client_id", "Its client_id must be the client that asks.");
  if (typeof iat !== "number" || iat > Date.now() / 1000 + clockTolerance) {
    throw wrong("iat", "Its iat is missing or lies ahead.");
  }
  if (exp - iat > longestLifetime + clockTolerance) {
    throw wrong("exp", `It may be good for ${longestLifetime} seconds at most.`);
  }
  // This server does not support what they demand, so it must not ignore them.
  for (const name of ["cnf", "authorization_details"]) {
    if (name in claims) throw wrong(name, `This server does not know its ${name}. Leave it out.`);
  }
  if (![scope, resource].every((value) => ["string", "undefined"].includes(typeof value))) {
    throw wrong("scope", "Its scope and its resource must be one text each.");
  }
  return {
    claims,
    subject: sub,
    scopes: typeof scope === "string" ? scope.split(" ").filter((name) => name !== "") : undefined,
    resource: resource as string | undefined,
  };
}

/** Whether an address is in a domain that the settings give to an issuer. */
export function isInDomain(email: string | undefined, { domains }: EnterpriseIssuer): boolean {
  return email !== undefined && domains.includes(email.slice(email.lastIndexOf("@") + 1));
}

/**
 * The person of an assertion: the same as one who signs in at the same issuer with the same subject by OpenID,
 * and never one with the same address elsewhere. Their address counts only in a domain that the settings give
 * to the issuer.
 * @throws TokenRefusal if the stack does not let them in.
 */
export function admitPerson(
  { claims, subject }: CompanyAssertion,
  issuer: EnterpriseIssuer,
  settings: WorkerSettings,
): Identity {
  const email = readAddress(claims.email);
  const isOwn = isInDomain(email, issuer);
  if (issuer.domains.length > 0 && !isOwn) {
    const words =
      "The assertion names no address in a domain of this issuer. The setting enterpriseIssuers has them (domains).";
    throw new TokenRefusal("invalid_grant", "domain_wrong", words);
  }
  const { groupsClaim } = issuer;
  const identity: Identity = {
    method: "oidc",
    issuer: issuer.issuer,
    subject,
    ...(email !== undefined && {
      email,
      isEmailVerified: isOwn && claims.email_verified !== false,
    }),
    ...(groupsClaim !== undefined && { groups: pickGroups(settings, claims[groupsClaim]) }),
  };
  if (isAllowed(identity, settings)) return identity;
  const words = "This server does not let this person in. Whoever runs it can add them.";
  throw new TokenRefusal("invalid_grant", "person_not_allowed", words);
}

function readAddress(value: unknown): string | undefined {
  if (typeof value !== "string" || value.length > longestEmail) return undefined;
  return /^[^\s@]+@[^\s@]+$/.test(value) ? value.toLowerCase() : undefined;
}
