import { decodeBase64Url, encodeBase64Url } from "hono/utils/encode";

/**
 * Cursors of one person's lists. Each database signs with a key of its own, so that a cursor made
 * for one person is refused by every other's, and nobody can make one up.
 */
export class CursorSigner {
  readonly #readSecret: () => ArrayBuffer;
  #key: Promise<CryptoKey> | undefined;

  /** @param readSecret gives 32 random bytes that belong to the database. */
  constructor(readSecret: () => ArrayBuffer) {
    this.#readSecret = readSecret;
  }

  /** @param list what the cursor continues. @param position where it goes on. */
  async sign(list: readonly unknown[], position: readonly string[]): Promise<string> {
    const mac = await crypto.subtle.sign("HMAC", await this.#importKey(), encode(list, position));
    const text = toBytes(JSON.stringify(position));
    return `${encodeBase64Url(text.buffer)}.${encodeBase64Url(mac)}`;
  }

  /** The position in a cursor; undefined for one that was not made here, for this list. */
  async read(list: readonly unknown[], cursor: string): Promise<string[] | undefined> {
    try {
      const [text = "", mac = ""] = cursor.split(".");
      const position = JSON.parse(new TextDecoder().decode(decodeBase64Url(text))) as string[];
      const signed = encode(list, position);
      const isOurs = await crypto.subtle.verify(
        "HMAC",
        await this.#importKey(),
        decodeBase64Url(mac),
        signed,
      );
      return isOurs ? position : undefined;
    } catch {
      return undefined;
    }
  }

  #importKey(): Promise<CryptoKey> {
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    this.#key ??= crypto.subtle.importKey("raw", this.#readSecret(), algorithm, false, [
      "sign",
      "verify",
    ]);
    return this.#key;
  }
}

function encode(list: readonly unknown[], position: readonly string[]): Uint8Array<ArrayBuffer> {
  return toBytes(JSON.stringify([list, position]));
}

function toBytes(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new TextEncoder().encode(text));
}
