export interface ListedKey {
  readonly name: string;
  readonly metadata?: unknown;
}

/** One KV namespace, through the account's API. */
export interface AccountKv {
  /** All keys below a prefix, sorted. @param onPage is told how many there are so far. */
  listKeys(prefix: string, onPage?: (count: number) => void): Promise<ListedKey[]>;
  /** @param names at most `mostRead`. @returns the values that exist. */
  readValues(names: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /**
   * Writes one value under each of several keys.
   * @param names at most `mostChanged`. @param lifetime seconds; left out, they stay.
   */
  writeKeys(names: readonly string[], value: string, lifetime?: number): Promise<void>;
  /** Deletes keys; those that are gone already are no error. @param names at most `mostChanged`. */
  deleteKeys(names: readonly string[]): Promise<void>;
}

/** Values of one bulk read (Cloudflare, Workers KV, "Get multiple KV pairs"). */
export const mostRead = 100;

/** Keys of one bulk write or delete. Cloudflare takes 10,000; with fewer, less is in doubt when one fails. */
export const mostChanged = 1000;

/** Names in parts of at most so many, in their order. */
export function split(names: readonly string[], most: number): string[][] {
  return Array.from({ length: Math.ceil(names.length / most) }, (_, part) =>
    names.slice(part * most, (part + 1) * most),
  );
}
