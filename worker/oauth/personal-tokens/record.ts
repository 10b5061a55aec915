import * as z from "zod";
import { hmac } from "../../digest.ts";
import type { WorkerEnv } from "../../env.ts";
import { type PersonProps, personProps } from "../../mcp/caller.ts";
import { seal, unseal } from "../../seal.ts";

/** What a call with a token needs, in one read. Beside it lies the grant, which lists show and which ends it. */
const tokenRecord = z.object({
  /** SHA-256 of the token, as base64url: the token itself is kept nowhere. */
  digest: z.string(),
  userId: z.string(),
  scopes: z.array(z.string()),
  /** The one endpoint that it opens. */
  resource: z.string(),
  /** Seconds since the epoch. */
  expiresAt: z.number(),
  /** The person as last seen, encrypted: an email stands in no store in clear. */
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

/** Not of the token: who signs in again is sealed anew, and then nobody has the token at hand. */
async function openKey({ SUBJECT_KEY }: WorkerEnv): Promise<CryptoKey> {
  const key = await hmac(SUBJECT_KEY, "people of personal tokens");
  return crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt", "decrypt"]);
}
