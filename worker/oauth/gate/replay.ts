import { decodeBase64Url, encodeBase64Url } from "hono/utils/encode";
import * as z from "zod";
import { digest } from "../../digest.ts";
import { readClaims } from "../clients/read-claims.ts";

/** Milliseconds for which the answer of a rotation is given again. */
export const replayTime = 60_000;

/** Parameters in which a client authenticates anew each time (RFC 7523): a retry has another assertion. */
const assertion = "client_assertion";

/** Parameters and the header that authenticate a client; the library checks them on each replay. */
const authentication = ["client_id", "client_secret", assertion, "client_assertion_type"];

const tokenAnswer = z.looseObject({ expires_in: z.number() });

/**
 * A refresh (RFC 6749 section 6), as it is recognised when it comes again: the same token, parameters
 * and client. Its answer is kept under a key that only the holder of the token can derive.
 */
export class Refresh {
  /** Where its answer is kept: a digest, which tells nothing of the token. */
  readonly key: string;
  readonly #token: string;
  readonly #form: URLSearchParams;

  private constructor(key: string, token: string, form: URLSearchParams) {
    this.key = key;
    this.#token = token;
    this.#form = form;
  }

  /** @returns undefined for a request that is no refresh. */
  static async read(headers: Headers, body: string): Promise<Refresh | undefined> {
    const form = new URLSearchParams(body);
    const token = form.get("refresh_token");
    if (form.get("grant_type") !== "refresh_token" || token === null) return undefined;
    const parameters = [...form]
      .map(([name, value]) => [name, name === assertion ? readIssuer(value) : value])
      .toSorted();
    const request = JSON.stringify([parameters, headers.get("authorization")]);
    return new Refresh(`replay:${await digest(request)}`, token, form);
  }

  /** A request that only authenticates the client: the revocation of nothing (RFC 7009 section 2.2). */
  toAuthentication({ url, headers }: Request): Request {
    const body = new URLSearchParams({ token: "none" });
    for (const name of authentication) {
      for (const value of this.#form.getAll(name)) body.append(name, value);
    }
    const own = new Headers(headers);
    own.delete("content-length");
    return new Request(url, { method: "POST", headers: own, body: body.toString() });
  }

  /** Encrypts an answer. */
  async seal(answer: string): Promise<string> {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const key = await this.#deriveKey();
    const text = new TextEncoder().encode(answer);
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, text);
    return `${encodeBase64Url(iv.buffer)}.${encodeBase64Url(sealed)}`;
  }

  /** The answer again, with what is left of the token's life. @param age milliseconds since it was made. */
  async open(sealed: string, age: number): Promise<string> {
    const [iv = "", text = ""] = sealed.split(".");
    const key = await this.#deriveKey();
    const algorithm = { name: "AES-GCM", iv: decodeBase64Url(iv) };
    const bytes = await crypto.subtle.decrypt(algorithm, key, decodeBase64Url(text));
    const answer = tokenAnswer.parse(JSON.parse(new TextDecoder().decode(bytes)));
    const expiresIn = answer.expires_in - Math.ceil(age / 1000);
    return JSON.stringify({ ...answer, expires_in: Math.max(expiresIn, 0) });
  }

  async #deriveKey(): Promise<CryptoKey> {
    const { subtle } = crypto;
    const encoder = new TextEncoder();
    const secret = await subtle.importKey("raw", encoder.encode(this.#token), "HKDF", false, [
      "deriveKey",
    ]);
    const info = encoder.encode("answer of a rotation");
    return subtle.deriveKey(
      { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info },
      secret,
      { name: "AES-GCM", length: 256 },
      false,
      ["encrypt", "decrypt"],
    );
  }
}

/** Who signed an assertion, by its own words: a client that sends no `client_id` is told apart by it. */
function readIssuer(jwt: string): string {
  try {
    const { iss } = readClaims(jwt);
    return JSON.stringify(["iss", iss ?? null]);
  } catch {
    // The library refuses it.
    return jwt;
  }
}
