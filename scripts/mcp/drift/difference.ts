/**
 * What mends a difference: a new upload of the Worker, because Pulumi would not see it; a refresh
 * before the next `up`; a call of this command's own, because neither would; or a person.
 */
export type Mend = "upload" | "refresh" | "call" | "person";

/** Something that the account has otherwise than the stack says. */
export interface Difference {
  /** What is concerned: "binding SETTINGS". */
  readonly what: string;
  readonly expected: string;
  readonly found: string;
  /** What a person does about it where `--repair` does not. */
  readonly remedy: string;
  readonly mend: Mend;
}

/** What could not be looked at, and why. */
export interface NotChecked {
  readonly what: string;
  readonly reason: string;
}

/** The outcome of one look. */
export interface DriftReport {
  readonly stack: string;
  /** Name of the Worker; undefined where the stack has none. */
  readonly worker: string | undefined;
  /** When it was looked, in ISO 8601. */
  readonly looked: string;
  /** What counts as drift. */
  readonly differences: readonly Difference[];
  /** What belongs to no stack of this backend, where that is told and does not count. */
  readonly orphans: readonly Difference[];
  readonly notChecked: readonly NotChecked[];
}
