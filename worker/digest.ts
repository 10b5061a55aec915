/** SHA-256 of a text, in hex. */
export async function digest(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(bytes).reduce((hex, byte) => hex + byte.toString(16).padStart(2, "0"), "");
}
