/**
 * The Durable Object classes of this Worker and how they came to be. Append only: Cloudflare keeps
 * the tag of the last step it applied, and the planner in `infra/durable-objects.ts` sends what
 * comes after it. Editing or removing a step that was deployed is refused.
 */

/** Binding name to class name, for the classes that exist now. Each class is exported by `index.ts`. */
export const durableObjectBindings = {
  PEOPLE: "PersonState",
  PURGE: "PurgeRun",
  SESSIONS: "McpSession",
  THROTTLES: "Throttle",
  TOKEN_GATES: "TokenGate",
  TRANSACTIONS: "Transaction",
} as const;

/** One lifecycle step, in Cloudflare's terms. Every class is stored in SQLite. */
export interface LifecycleStep {
  /** Unique, never reused. */
  readonly tag: string;
  readonly create?: readonly string[];
  readonly rename?: readonly { readonly from: string; readonly to: string }[];
  /** Deletes the class and all its data. */
  readonly delete?: readonly string[];
}

export const durableObjectHistory: readonly LifecycleStep[] = [
  { tag: "v1", create: ["McpSession"] },
  { tag: "v2", create: ["PersonState"] },
  { tag: "v3", create: ["TokenGate", "Throttle", "PurgeRun"] },
  { tag: "v4", create: ["Transaction"] },
];
