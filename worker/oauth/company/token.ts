import type { OAuthResourceTokenValidation } from "@cloudflare/workers-oauth-provider";
import * as z from "zod";
import { hmac } from "../../digest.ts";
import type { WorkerEnv, WorkerSettings } from "../../env.ts";
import { isAllowed } from "../../identity/allowed.ts";
import { limitScopes } from "../../identity/scope-limit.ts";
import { readKeyRing } from "../../keys.ts";
import { type PersonProps, personProps } from "../../mcp/caller.ts";
import { seal, unseal } from "../../seal.ts";
import { findGate } from "../gate/gates.ts";
import { kvCopyTime } from "../gate/recent-records.ts";
import { findRecords } from "../gate/token-records.ts";
import { toGrantKey } from "../gate/well-formed-token.ts";
import { isInDomain } from "./assertion.ts";
import { readGrantStart } from "./grant.ts";

/** Begins each such token, so that a scanner for secrets finds one in a log. */
const prefix = "mcpe_";

/** The content of a token. */
const claims = z.object({
  /** With `grantId`: the one grant of this person and client. */
  person: personProps,
  clientId: z.string(),
  scopes: z.array(z.string()),
  resource: z.string(),
  /** Seconds since the epoch. */
  issuedAt: z.number(),
  expiresAt: z.number(),
});

/** See `claims`. */
export type CompanyClaims = z.infer<typeof claims>;

/** Whether a bearer token looks like one that was issued for a company's assertion. Nothing about it is proven. */
export function isCompanyToken(token: string): boolean {
  return token.startsWith(prefix);
}

/** Why such a token cannot be revoked (RFC 7009), in words for its client. */
export function explainCompanyToken(): string {
  return "A token that was given for an assertion cannot be given back. It ends by itself, and its person can end the connection.";
}

/**
 * A self-contained token, encrypted (AES-GCM) under the key for data that travels through a client: its client
 * can read nothing about the person in it. It is stored nowhere, so a new one each hour costs no write, and an
 * invented one is refused before anything is read.
 */
export async function writeCompanyToken(
  { SESSION_KEYS }: Pick<WorkerEnv, "SESSION_KEYS">,
  said: CompanyClaims,
): Promise<string> {
  const key = await openKey(readKeyRing(SESSION_KEYS).current);
  return prefix + (await seal(key, JSON.stringify(said)));
}

/**
 * Checks such a token as the OAuth library checks others: for one resource, and with one read of Workers KV, for
 * the grant that the person can end. Every change of the stack's settings about people and companies counts at once.
 * @returns null for an invalid one.
 */
export async function checkCompanyToken(
  { env, settings }: { readonly env: WorkerEnv; readonly settings: WorkerSettings },
  resource: string,
  token: string,
): Promise<OAuthResourceTokenValidation<PersonProps> | null> {
  const said = await openToken(env, token);
  if (said === undefined || said.resource !== resource || said.expiresAt <= Date.now() / 1000) {
    return null;
  }
  const { person, clientId, expiresAt } = said;
  const issuer = settings.enterprise?.find((one) => one.issuer === person.authority);
  if (!issuer?.clientIds.includes(clientId)) return null;
  if (issuer.domains.length > 0 && !isInDomain(person.email, issuer)) return null;
  if (!isAllowed(toIdentity(person), settings)) return null;
  const start = await findStart(env, person, settings.tokens.strictRevocation);
  // One that was ended, or belongs to a connection that was ended and began again.
  if (start === undefined || said.issuedAt < start) return null;
  return {
    audience: resource,
    props: person,
    scope: limitScopes(said.scopes, person, settings),
    userId: person.userId,
    clientId,
    expiresAt,
  };
}

/** The facts that the allow-lists check. */
function toIdentity({ method, email, isEmailVerified }: PersonProps) {
  return {
    method,
    issuer: "",
    subject: "",
    ...(email !== undefined && { email }),
    ...(isEmailVerified !== undefined && { isEmailVerified }),
  };
}

/** When the grant behind a token began, in seconds since the epoch; undefined if it was ended. */
async function findStart(
  env: WorkerEnv,
  { userId, grantId = "" }: PersonProps,
  isStrict: boolean,
): Promise<number | undefined> {
  const grant = { userId, grantId };
  const key = toGrantKey(grant);
  let record = await findRecords(env).find(key, () =>
    env.OAUTH_KV.get(key, { type: "text", cacheTtl: kvCopyTime }),
  );
  // Nobody else can make such a token, so its gate may be asked.
  if (record === null || isStrict) {
    const look = await findGate(env, grant).look(key, record !== null);
    if (look.isEnded) return undefined;
    record ??= look.record;
  }
  return record === null ? undefined : readGrantStart(record);
}

async function openToken(env: WorkerEnv, token: string): Promise<CompanyClaims | undefined> {
  for (const secret of readKeyRing(env.SESSION_KEYS).all) {
    const text = await decrypt(secret, token);
    if (text !== undefined) return claims.parse(JSON.parse(text));
  }
  return undefined;
}

async function decrypt(secret: string, token: string): Promise<string | undefined> {
  const key = await openKey(secret);
  try {
    return await unseal(key, token.slice(prefix.length));
  } catch {
    // Not this server's.
    return undefined;
  }
}

async function openKey(secret: string): Promise<CryptoKey> {
  const key = await hmac(secret, "tokens of a company's people");
  return crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt", "decrypt"]);
}
