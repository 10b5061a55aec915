export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

export interface Entry {
  readonly key: string;
  readonly value: Json;
  /** Milliseconds since the epoch. */
  readonly updatedAt: number;
}

export interface ListOptions {
  /** Only keys that begin with this. */
  readonly prefix?: string;
  /** The most entries. Default: 100; 10,000 at most. */
  readonly limit?: number;
  /** Continues where the previous page ended. Works only for the person it was made for. */
  readonly cursor?: string;
  /** Last key first. */
  readonly isReversed?: boolean;
}

export interface EntryPage {
  readonly entries: readonly Entry[];
  /** Continues the list; undefined at its end. */
  readonly cursor: string | undefined;
}

/** A page of everything that a person keeps. */
export interface ExportPage {
  readonly entries: readonly (Entry & { readonly collection: string })[];
  /** Continues the export; undefined at its end. */
  readonly cursor: string | undefined;
}

/**
 * What one person keeps on this server, in collections of entries by key. Every method throws
 * ToolError, in words for the model, for what the model can correct: a full storage, a foreign cursor,
 * a key or value that is too long.
 */
export interface PersonStorage {
  get(collection: string, key: string): Promise<Entry | undefined>;
  /** Replaces what the key had. */
  put(collection: string, key: string, value: Json): Promise<void>;
  /** @returns whether there was one. */
  delete(collection: string, key: string): Promise<boolean>;
  /** In the order of their keys. */
  list(collection: string, options?: ListOptions): Promise<EntryPage>;
  /** Adds an entry under the next number, and drops the oldest over `keep`. */
  append(collection: string, value: Json, keep: number): Promise<void>;
  /** Everything in every collection, page by page. */
  exportPage(cursor?: string): Promise<ExportPage>;
  /** Deletes everything for good. @returns how many entries there were. */
  deleteAll(): Promise<number>;
}
