/** What a test may set while the Worker runs. */
export interface Conditions {
  /** Milliseconds by which the clock is ahead when the Worker starts. */
  readonly ahead: number;
  /** Milliseconds until a write to KV is seen at another place than where it was made. */
  readonly kvLateness: number;
  /** Real milliseconds that each operation of KV takes. */
  readonly kvDelay: number;
  /** What KV refuses; null: nothing. */
  readonly kvFailure: KvFailure | null;
  /** Whether KV refuses a second write of a key within a second, as Cloudflare's does (KV, limits). */
  readonly kvOneWriteASecond: boolean;
  /** Whether the limit bindings throw instead of counting. */
  readonly limitsFail: boolean;
  /** The limit bindings: how many in how many seconds. */
  readonly limits: Readonly<Record<string, { readonly limit: number; readonly period: number }>>;
}

/** Operations of KV that fail, and how. */
export interface KvFailure {
  readonly operations: readonly ("get" | "put" | "delete" | "list")[];
  /** Keys that begin so. Default: every key. */
  readonly prefix?: string;
  readonly message: string;
}

/** Path at which a test tells the simulation what to do. */
export const controlPath = "/.simulation";

/** What a test may ask for. */
export type Control =
  /** Moves the clock, and lets the alarms ring that are due on the way, each at its time. */
  | { readonly action: "advance"; readonly to: number }
  | { readonly action: "set"; readonly conditions: Partial<Conditions> }
  /** Runs the cron handler. */
  | { readonly action: "cron" }
  /** Takes one object out of memory. @param pick from 0 to 1: which one of those in memory. */
  | { readonly action: "abort"; readonly binding: string; readonly pick: number }
  | { readonly action: "count" };
