/**
 * Where the records of personal tokens are. This file is part of every Worker, also of one whose stack no longer
 * has personal tokens: ending an earlier grant also ends what belongs to it.
 */

/** Id of a token's grant. @param digest SHA-256 of the token, as base64url. */
export function toGrantId(digest: string): string {
  return `pt-${digest.slice(0, 13)}`;
}

/** KV key of the record that a call with a token needs. @param grantId of the token. */
export function toRecordKey(grantId: string): string {
  return `personal:${grantId}`;
}

/** Whether an id has the form of a token's grant. One in 262,144 of the OAuth library's has it, too. */
export function isTokenGrant(grantId: string): boolean {
  return /^pt-[\w-]{13}$/.test(grantId);
}

/** Key of the record that goes with a grant; undefined for a key that is not a token's grant, `grant:<user>:<grant>`. */
export function findRecordKey(key: string): string | undefined {
  const [kind, , grantId = ""] = key.split(":");
  return kind === "grant" && isTokenGrant(grantId) ? toRecordKey(grantId) : undefined;
}
