import { createHash, randomBytes } from "node:crypto";

/** A verifier that nobody can guess, and its S256 challenge (RFC 7636), as a client makes them for one login. */
export function createPkce(): { readonly verifier: string; readonly challenge: string } {
  const verifier = randomBytes(32).toString("base64url");
  return { verifier, challenge: createHash("sha256").update(verifier).digest("base64url") };
}
