import { decodeBase64Url, encodeBase64Url } from "hono/utils/encode";

/**
 * Encrypts a text (AES-GCM) for whoever has the key.
 * @param purpose what it is stored for: it cannot be opened with another one. Default: none.
 */
export async function seal(key: CryptoKey, text: string, purpose = ""): Promise<string> {
  const encoder = new TextEncoder();
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const algorithm = { name: "AES-GCM", iv, additionalData: encoder.encode(purpose) };
  const sealed = await crypto.subtle.encrypt(algorithm, key, encoder.encode(text));
  return `${encodeBase64Url(iv.buffer)}.${encodeBase64Url(sealed)}`;
}

/** The text that `seal` encrypted. @throws Error for another key or purpose, and for what was changed. */
export async function unseal(key: CryptoKey, sealed: string, purpose = ""): Promise<string> {
  const [iv = "", text = ""] = sealed.split(".");
  const additionalData = new TextEncoder().encode(purpose);
  const algorithm = { name: "AES-GCM", iv: decodeBase64Url(iv), additionalData };
  const bytes = await crypto.subtle.decrypt(algorithm, key, decodeBase64Url(text));
  return new TextDecoder().decode(bytes);
}
