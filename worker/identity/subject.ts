import { encodeBase64Url } from "hono/utils/encode";
import type { Identity } from "./identity.ts";

/** Characters of a user id: 128 bits as base64url. */
const idLength = 22;

/**
 * The opaque id of a person: HMAC-SHA256 under the subject key. It stands in redirect URLs, tokens
 * and KV keys, where an email address must not, and holds no `:`, which the OAuth library uses to
 * take those apart.
 */
export async function deriveUserId(subjectKey: string, identity: Identity): Promise<string> {
  const encoder = new TextEncoder();
  const key = await crypto.subtle.importKey(
    "raw",
    encoder.encode(subjectKey),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  // JSON keeps the three parts apart whatever they contain.
  const parts = JSON.stringify([identity.method, identity.issuer, identity.subject]);
  const digest = await crypto.subtle.sign("HMAC", key, encoder.encode(parts));
  return encodeBase64Url(digest).slice(0, idLength);
}
