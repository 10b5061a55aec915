/** A stored row as it crosses to the Worker. */
export interface StoredRow {
  readonly collection: string;
  readonly key: string;
  /** JSON. */
  readonly value: string;
  readonly updatedAt: number;
}

/** A page of stored rows. */
export interface StoredPage {
  readonly entries: readonly StoredRow[];
  /** Continues the list; undefined at its end. */
  readonly cursor: string | undefined;
}

/** Why the storage did not do what it was asked. */
export interface StorageProblem {
  readonly problem: string;
}
