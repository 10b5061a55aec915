import type { JWK } from "jose";
import { UpstreamError } from "../../identity/identity.ts";
import { fetchUpstream } from "../../identity/upstream-fetch.ts";
import { logFailure } from "../../log.ts";
import type { KeyFinder, KeyName } from "./verify.ts";

/** Bytes of a key set at most. */
const largestKeySet = 65_536;

/** Milliseconds for which keys are used before they are fetched again. */
const keepTime = 600_000;

/**
 * Milliseconds for which keys are used while their address does not answer. After that a withdrawn key no
 * longer counts.
 */
const longestKeep = 3_600_000;

/** The fewest milliseconds between two requests for the same keys: anybody can invent a key's name. */
const pause = 30_000;

/** How many keys are tried if an assertion does not name its key. */
const mostTried = 8;

/** Key sets of this isolate, by address. Addresses come from the settings, so they are few. */
const known = new Map<string, KeySet>();

/**
 * Finds public keys in the key set (RFC 7517) at an address of the settings. Keys are kept for ten minutes; a
 * key that is not among them is looked for at once, though no more often than every 30 seconds. While the address
 * does not answer, the keys of the last hour count.
 */
export function findKeyAt(address: string): KeyFinder {
  const keySet = known.get(address) ?? new KeySet(address);
  known.set(address, keySet);
  return (name) => keySet.find(name);
}

/** Finds public keys among these. */
export function findKeyAmong(keys: readonly JWK[]): KeyFinder {
  return async (name) => pick(keys, name);
}

/** Keys of the right kind, and of the right name if both have one. */
function pick(keys: readonly JWK[], { alg, kid }: KeyName): JWK[] {
  const fitting = keys.filter(
    (key) =>
      (kid ?? key.kid) === (key.kid ?? kid) &&
      (key.alg ?? alg) === alg &&
      (key.use ?? "sig") === "sig" &&
      (alg === "RS256" ? key.kty === "RSA" : key.kty === "EC" && key.crv === "P-256"),
  );
  return fitting.slice(0, mostTried);
}

class KeySet {
  readonly #address: string;
  #keys: readonly JWK[] | undefined;
  /** Milliseconds since the epoch. */
  #readAt = Number.NEGATIVE_INFINITY;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(address: string) {
    this.#address = address;
  }

  async find(name: KeyName): Promise<readonly JWK[]> {
    const found = pick(await this.#open(keepTime), name);
    // A key that was made a moment ago.
    return found.length > 0 ? found : pick(await this.#open(0), name);
  }

  /** @param age milliseconds that that the keys may be old. */
  async #open(age: number): Promise<readonly JWK[]> {
    const now = Date.now();
    const isAsked = now < this.#askedAt + pause;
    const isTooOld = now > this.#readAt + longestKeep;
    if (this.#keys !== undefined && isAsked && isTooOld) {
      // A key that was withdrawn must not count for as long as its address is silent.
      throw new UpstreamError("unavailable", `${new URL(this.#address).host} does not answer`);
    }
    if (this.#keys !== undefined && (isAsked || now < this.#readAt + age)) return this.#keys;
    // Not one promise for everybody who waits: a fetch ends with the request that began it.
    this.#askedAt = now;
    try {
      this.#keys = await this.#read();
      this.#readAt = now;
      return this.#keys;
    } catch (error) {
      if (this.#keys === undefined || isTooOld) throw error;
      logFailure("keys-failure", error);
      return this.#keys;
    }
  }

  async #read(): Promise<readonly JWK[]> {
    const { host } = new URL(this.#address);
    const headers = { accept: "application/json" };
    const response = await fetchUpstream(this.#address, {
      method: "GET",
      headers,
      largestAnswer: largestKeySet,
    });
    if (!response.ok) throw new UpstreamError("unavailable", `${host} answered ${response.status}`);
    const answer: unknown = await response.json().catch(() => undefined);
    const { keys } = (answer ?? {}) as { readonly keys?: unknown };
    if (Array.isArray(keys)) return keys.filter((key) => typeof key === "object" && key !== null);
    throw new UpstreamError("unavailable", `${host} answered with no key set`);
  }
}
