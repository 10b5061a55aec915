import type { JSONWebKeySet, JWTVerifyGetKey } from "jose";
import { createLocalJWKSet } from "jose/jwks/local";
import { UpstreamError } from "../../identity/identity.ts";
import { fetchUpstream } from "../../identity/upstream-fetch.ts";
import { logFailure } from "../../log.ts";

/** Bytes of a key set at most. */
const largestKeySet = 65_536;

/** Milliseconds for which keys are used without asking again. */
const keepTime = 600_000;

/** Milliseconds for which keys are used whose address does not answer: a key that was withdrawn ends then. */
const longestKeep = 3_600_000;

/** Milliseconds between two requests for the same keys: anybody can invent the name of a key. */
const pause = 30_000;

/** Key sets of this isolate, by address. Addresses come from the settings, so they are few. */
const known = new Map<string, KeySet>();

/**
 * Finds the public key of a JWT in the key set (RFC 7517) at an address of the settings, as jose asks for it.
 * Keys are kept for ten minutes; a key that is not among them is looked for at once, though no more often than
 * every 30 seconds. While the address does not answer, the keys of the last hour count.
 * @throws UpstreamError "unavailable" without any keys, or an error of jose for a key that is not there.
 */
export function findKeyAt(address: string): JWTVerifyGetKey {
  const keySet = known.get(address) ?? new KeySet(address);
  known.set(address, keySet);
  return (header, token) => keySet.find(header, token);
}

/** Finds the public key of a JWT among these, as jose asks for it. */
export function findKeyAmong(keys: JSONWebKeySet["keys"]): JWTVerifyGetKey {
  return createLocalJWKSet({ keys });
}

type FoundKey = Awaited<ReturnType<JWTVerifyGetKey>>;

class KeySet {
  readonly #address: string;
  #keys: JWTVerifyGetKey | undefined;
  /** Milliseconds since the epoch. */
  #readAt = Number.NEGATIVE_INFINITY;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(address: string) {
    this.#address = address;
  }

  async find(...asked: Parameters<JWTVerifyGetKey>): Promise<FoundKey> {
    const keys = await this.#open(keepTime);
    try {
      return await keys(...asked);
    } catch (error) {
      if ((error as { readonly code?: unknown }).code !== "ERR_JWKS_NO_MATCHING_KEY") throw error;
      // One that was made a moment ago.
      const newer = await this.#open(0);
      if (newer === keys) throw error;
      return newer(...asked);
    }
  }

  /** @param age milliseconds that the keys may have. */
  async #open(age: number): Promise<JWTVerifyGetKey> {
    const now = Date.now();
    const isAsked = now < this.#askedAt + pause;
    if (this.#keys !== undefined && (isAsked || now < this.#readAt + age)) return this.#keys;
    // Not one promise for all who wait: what one request fetches ends with that request.
    this.#askedAt = now;
    try {
      this.#keys = await this.#read();
      this.#readAt = now;
      return this.#keys;
    } catch (error) {
      if (this.#keys === undefined || now > this.#readAt + longestKeep) throw error;
      logFailure("keys-failure", error);
      return this.#keys;
    }
  }

  async #read(): Promise<JWTVerifyGetKey> {
    const { host } = new URL(this.#address);
    const headers = { accept: "application/json" };
    const response = await fetchUpstream(this.#address, {
      method: "GET",
      headers,
      largestAnswer: largestKeySet,
    });
    if (!response.ok) throw new UpstreamError("unavailable", `${host} answered ${response.status}`);
    try {
      return createLocalJWKSet(await response.json());
    } catch {
      throw new UpstreamError("unavailable", `${host} answered with no key set`);
    }
  }
}
