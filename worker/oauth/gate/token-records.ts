import type { KVNamespace } from "@cloudflare/workers-types";
import type { WorkerEnv } from "../../env.ts";
import { toRecordKey } from "../personal-tokens/record-key.ts";
import type { GrantName } from "../revoke.ts";
import { toGrantKey } from "./well-formed-token.ts";

/** Milliseconds for which this isolate keeps a record that Workers KV gave it. */
export const recordTime = 30_000;

/**
 * Seconds for which Workers KV may answer a look for a token from its own copy: the shortest that it takes
 * (Cloudflare, KV, "Read key-value pairs", `cacheTtl`). With `recordTime` they make the minute for which an
 * ended connection may still be used; docs/admin.md, docs/runbook.md and the connections page promise it.
 */
export const kvCopyTime = 30;

/** Records that an isolate keeps. One is about a kilobyte, or more with tokens of the server that signs people in. */
export const mostRecords = 1000;

interface KeptRecord {
  readonly record: string;
  /** Milliseconds since the epoch at which it was read. */
  readonly at: number;
}

/**
 * The records of access tokens that this isolate has from Workers KV. Each is stored under its own key, which
 * holds the digest of its token, so only somebody with the token gets it. It is the record as KV has it, still
 * encrypted, and not a verdict: the library checks audience and expiry and decrypts it at each call. A missing
 * record is never remembered.
 */
export class TokenRecords {
  readonly #kept = new Map<string, KeptRecord>();
  /** How often a grant was forgotten: a record read meanwhile may be older than its end. */
  #ends = 0;

  /** How many there are. */
  get size(): number {
    return this.#kept.size;
  }

  /**
   * A record: from here, or else from KV.
   * @param read asks KV.
   */
  async find(key: string, read: () => Promise<string | null>): Promise<string | null> {
    const at = Date.now();
    const kept = this.#kept.get(key);
    // A clock that went back would keep it for longer.
    if (kept !== undefined && at >= kept.at && at < kept.at + recordTime) return kept.record;
    const ends = this.#ends;
    const record = await read();
    if (record !== null && ends === this.#ends) this.#keep(key, { record, at });
    return record;
  }

  /** Forgets every record of a grant that was ended, or may have been. */
  forget({ userId, grantId }: GrantName): void {
    this.#ends += 1;
    const prefix = `token:${userId}:${grantId}:`;
    for (const key of this.#kept.keys()) if (key.startsWith(prefix)) this.#kept.delete(key);
    this.#kept.delete(toRecordKey(grantId));
    // The record with which a token from a company is checked.
    this.#kept.delete(toGrantKey({ userId, grantId }));
  }

  #keep(key: string, kept: KeptRecord): void {
    // So that the oldest is always the first.
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    for (const [oldest, { at }] of this.#kept) {
      if (this.#kept.size <= mostRecords && kept.at < at + recordTime) break;
      this.#kept.delete(oldest);
    }
  }
}

const allRecords = new WeakMap<KVNamespace, TokenRecords>();

/** What this isolate keeps of a Worker's KV namespace. */
export function findRecords({ OAUTH_KV }: Pick<WorkerEnv, "OAUTH_KV">): TokenRecords {
  let records = allRecords.get(OAUTH_KV);
  if (records === undefined) {
    records = new TokenRecords();
    allRecords.set(OAUTH_KV, records);
  }
  return records;
}

/** Gives a layer on a namespace the records of that namespace. */
export function shareRecords(layer: KVNamespace, below: KVNamespace): void {
  allRecords.set(layer, findRecords({ OAUTH_KV: below }));
}
