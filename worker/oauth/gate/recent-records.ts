/** Milliseconds for which this isolate keeps a record that Workers KV gave it. */
export const recordTime = 30_000;

/**
 * Seconds for which Workers KV may answer a look for such a record from its own copy: the shortest that it takes
 * (Cloudflare, KV, "Read key-value pairs", `cacheTtl`). With `recordTime` they make the minute for which an
 * ended connection may still be used; docs/admin.md, docs/runbook.md and the connections page promise it.
 */
export const kvCopyTime = 30;

interface KeptRecord {
  readonly record: string;
  /** Milliseconds since the epoch when it was asked for. */
  readonly at: number;
}

/**
 * Records that this isolate has from Workers KV, each under its own key, for `recordTime`. A missing record
 * is never remembered.
 */
export class RecentRecords {
  readonly #most: number;
  readonly #longest: number;
  readonly #kept = new Map<string, KeptRecord>();
  /** How often something was forgotten: what was read meanwhile may be older than its end. */
  #ends = 0;

  /**
   * @param most how many are kept.
   * @param longest characters of one that is kept: whoever can make long ones must not fill the isolate, which has
   * 128 MB. Default: any.
   */
  constructor(most: number, longest = Number.POSITIVE_INFINITY) {
    this.#most = most;
    this.#longest = longest;
  }

  /** How many there are. */
  get size(): number {
    return this.#kept.size;
  }

  /**
   * A record: the one that is kept, or the one that KV has.
   * @param read asks KV.
   */
  async find(key: string, read: () => Promise<string | null>): Promise<string | null> {
    const at = Date.now();
    const kept = this.#kept.get(key);
    // A clock that went back would keep it for longer.
    if (kept !== undefined && at >= kept.at && at < kept.at + recordTime) return kept.record;
    const ends = this.#ends;
    const record = await read();
    const isKept = record !== null && record.length <= this.#longest && ends === this.#ends;
    if (isKept) this.#keep(key, { record, at });
    return record;
  }

  /** Keeps a record that this isolate has just written, in place of the one before. */
  note(key: string, record: string): void {
    // What is being read meanwhile may be the one before.
    this.#ends += 1;
    this.#kept.delete(key);
    if (record.length <= this.#longest) this.#keep(key, { record, at: Date.now() });
  }

  /** Forgets what is under some keys. What is being read meanwhile is not kept, either. */
  protected forgetThose(isMeant: (key: string) => boolean): void {
    this.#ends += 1;
    for (const key of this.#kept.keys()) if (isMeant(key)) this.#kept.delete(key);
  }

  #keep(key: string, kept: KeptRecord): void {
    // So that the oldest is always the first.
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    for (const [oldest, { at }] of this.#kept) {
      if (this.#kept.size <= this.#most && kept.at < at + recordTime) break;
      this.#kept.delete(oldest);
    }
  }
}
