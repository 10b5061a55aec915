import * as z from "zod";
import { hmac } from "../../digest.ts";
import type { WorkerEnv } from "../../env.ts";
import { type PersonProps, personProps } from "../../mcp/caller.ts";
import { seal, unseal } from "../../seal.ts";

/** What a call with a token needs, in one read. The grant beside it is what lists show and what ends the token. */
const tokenRecord = z.object({
  /** SHA-256 of the token, as base64url: the token itself is stored nowhere. */
  digest: z.string(),
  userId: z.string(),
  scopes: z.array(z.string()),
  /** The one endpoint that it opens. */
  resource: z.string(),
  /** Seconds since the epoch. */
  expiresAt: z.number(),
  /** The person as last seen, encrypted: no store holds an email in clear. */
  person: z.string(),
});

/** See `tokenRecord`. */
export type TokenRecord = z.infer<typeof tokenRecord>;

/** Reads a record. @throws ZodError for what another version wrote. */
export function readRecord(text: string): TokenRecord {
  return tokenRecord.parse(JSON.parse(text));
}

/** Encrypts a person for the record of one grant. Tokens of the upstream are left out: each grant has its own. */
export async function sealPerson(
  env: WorkerEnv,
  grantId: string,
  { upstream: _left, ...person }: PersonProps,
): Promise<string> {
  return seal(await openKey(env), JSON.stringify(person), grantId);
}

/** The person of a grant's record. @throws Error for one that was sealed for another grant. */
export async function openPerson(
  env: WorkerEnv,
  grantId: string,
  sealed: string,
): Promise<PersonProps> {
  return personProps.parse(JSON.parse(await unseal(await openKey(env), sealed, grantId)));
}

/**
 * Not the token's key: when the person signs in again, the record is sealed again, and nobody has the token at
 * hand then.
 */
async function openKey({ SUBJECT_KEY }: WorkerEnv): Promise<CryptoKey> {
  const key = await hmac(SUBJECT_KEY, "people of personal tokens");
  return crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt", "decrypt"]);
}
