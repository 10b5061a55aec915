/** SHA-256 of a text, in hex. */
export async function digest(text: string): Promise<string> {
  return toHex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}

/** HMAC-SHA256 of a text under a key of this Worker (RFC 2104). */
export async function hmac(key: string, text: string): Promise<ArrayBuffer> {
  const encoder = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", encoder.encode(key), algorithm, false, [
    "sign",
  ]);
  return crypto.subtle.sign("HMAC", imported, encoder.encode(text));
}

/** Bytes in hex. */
export function toHex(bytes: ArrayBuffer): string {
  return new Uint8Array(bytes).reduce((hex, byte) => hex + byte.toString(16).padStart(2, "0"), "");
}
