import type { SqlStorage } from "@cloudflare/workers-types";
import type { Facts } from "./facts.ts";
import type { StorageProblem, StoredRow } from "./stored-row.ts";

/** Digits of the keys that `append` gives: their order is that of the numbers. */
const numberDigits = 12;

/** The result of a successful change. */
export const written = {};
export type Written = typeof written;

export interface RowFilter {
  readonly collection: string;
  readonly prefix: string;
  /** Key after which it continues. */
  readonly after: string | undefined;
  readonly isReversed: boolean;
  readonly limit: number;
}

/** The entries of one person. Make every change inside a transaction. */
export class Entries {
  readonly #sql: SqlStorage;
  readonly #facts: Facts;
  /** Bytes of collections, keys and values together. */
  readonly #limit: number;

  constructor(sql: SqlStorage, facts: Facts, limit: number) {
    this.#sql = sql;
    this.#facts = facts;
    this.#limit = limit;
  }

  read(collection: string, key: string): StoredRow | undefined {
    return this.#select("WHERE collection = ? AND key = ?", collection, key)[0];
  }

  put(collection: string, key: string, value: string): Written | StorageProblem {
    const bytes = countBytes(collection) + countBytes(key) + countBytes(value);
    const before = this.#bytesOf(collection, key);
    const used = this.#facts.readNumber("bytes");
    if (used - before + bytes > this.#limit) {
      return {
        problem: `The storage of this person is full: ${used} of ${this.#limit} bytes are used, and this needs ${bytes - before} more. Delete what is no longer needed first.`,
      };
    }
    this.#sql.exec(
      "INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?)",
      collection,
      key,
      value,
      bytes,
      Date.now(),
    );
    this.#facts.write("bytes", used - before + bytes);
    return written;
  }

  /** @returns whether there was one. */
  delete(collection: string, key: string): boolean {
    const bytes = this.#bytesOf(collection, key);
    if (bytes === 0) return false;
    this.#sql.exec("DELETE FROM entries WHERE collection = ? AND key = ?", collection, key);
    this.#facts.write("bytes", this.#facts.readNumber("bytes") - bytes);
    return true;
  }

  /** Adds a value under the next number, and drops the oldest over `keep`. */
  append(collection: string, value: string, keep: number): Written | StorageProblem {
    const newest = this.#select("WHERE collection = ? ORDER BY key DESC LIMIT 1", collection)[0];
    const surplus = this.#select(
      "WHERE collection = ? ORDER BY key DESC LIMIT -1 OFFSET ?",
      collection,
      Math.max(keep - 1, 0),
    );
    for (const { key } of surplus) this.delete(collection, key);
    const next = String(Number(newest?.key ?? 0) + 1).padStart(numberDigits, "0");
    return this.put(collection, next, value);
  }

  list({ collection, prefix, after, isReversed, limit }: RowFilter): StoredRow[] {
    const [direction, order] = isReversed ? ["<", "DESC"] : [">", "ASC"];
    return this.#select(
      `WHERE collection = ? AND substr(key, 1, ?) = ? AND (? IS NULL OR key ${direction} ?)
       ORDER BY key ${order} LIMIT ?`,
      collection,
      // SQLite counts characters; JavaScript counts UTF-16 units.
      [...prefix].length,
      prefix,
      after ?? null,
      after ?? null,
      limit,
    );
  }

  /** The entries of every collection after a place. */
  listAll(collection: string, key: string, limit: number): StoredRow[] {
    const rest = "WHERE (collection, key) > (?, ?) ORDER BY collection, key LIMIT ?";
    return this.#select(rest, collection, key, limit);
  }

  /** How many entries each collection has. */
  count(): { readonly collection: string; readonly entries: number }[] {
    return this.#sql
      .exec<{ collection: string; entries: number }>(
        "SELECT collection, count(*) AS entries FROM entries GROUP BY collection",
      )
      .toArray();
  }

  #bytesOf(collection: string, key: string): number {
    const rows = this.#sql.exec<{ bytes: number }>(
      "SELECT bytes FROM entries WHERE collection = ? AND key = ?",
      collection,
      key,
    );
    return rows.toArray()[0]?.bytes ?? 0;
  }

  #select(rest: string, ...values: (string | number | null)[]): StoredRow[] {
    return this.#sql
      .exec<{ collection: string; key: string; value: string; updatedAt: number }>(
        `SELECT collection, key, value, updated_at AS updatedAt FROM entries ${rest}`,
        ...values,
      )
      .toArray();
  }
}

function countBytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
