import { encodeBase64Url } from "hono/utils/encode";
import { hmac } from "../digest.ts";
import type { Subject } from "./identity.ts";

/** Characters of a user id: 128 bits as base64url. */
const idLength = 22;

/**
 * The opaque id of a person: HMAC-SHA256 under the subject key. It appears in redirect URLs, tokens
 * and KV keys, where an email address must not, and holds no `:`, which the OAuth library uses to split those.
 */
export async function deriveUserId(subjectKey: string, identity: Subject): Promise<string> {
  // JSON keeps the three parts separate whatever they contain.
  const parts = JSON.stringify([identity.method, identity.issuer, identity.subject]);
  return encodeBase64Url(await hmac(subjectKey, parts)).slice(0, idLength);
}
