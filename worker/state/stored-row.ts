/** A stored row as it is sent to the Worker. */
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

/** Why the storage refused a request. */
export interface StorageProblem {
  readonly problem: string;
}
