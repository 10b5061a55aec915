/** SHA-256 of a text, in hex. */
export async function digest(text: string): Promise<string> {
  return toHex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}

/** As this program's types have it, and those of Node, with which infrastructure reads this file. */
type ImportedKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

/** Keys that this isolate has imported, by their text. */
const imported = new Map<string, ImportedKey>();

/** How many are kept: a Worker has a few, and their rings grow by one at each rotation. */
const mostKeys = 32;

/** HMAC-SHA256 of a text under a key of this Worker (RFC 2104). */
export async function hmac(key: string, text: string): Promise<ArrayBuffer> {
  return crypto.subtle.sign("HMAC", await importKey(key), new TextEncoder().encode(text));
}

/** The key, and never a promise of it: one request must not wait for another's. */
async function importKey(key: string): Promise<ImportedKey> {
  const known = imported.get(key);
  if (known !== undefined) return known;
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const bytes = new TextEncoder().encode(key);
  const made = await crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign"]);
  if (imported.size >= mostKeys) imported.clear();
  imported.set(key, made);
  return made;
}

/** Bytes in hex. */
export function toHex(bytes: ArrayBuffer): string {
  return new Uint8Array(bytes).reduce((hex, byte) => hex + byte.toString(16).padStart(2, "0"), "");
}
