import * as z from "zod";

/** A fault on demand, for calls that come. */
export const faultSchema = z.strictObject({
  method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]).optional(),
  /** A part of the path, or a regular expression between slashes. Default: any path. */
  path: z.string().default(""),
  /** Matching calls it concerns. */
  count: z.int().min(1).default(1),
  /** Matching calls that pass before. */
  after: z.int().min(0).default(0),
  fault: z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("status"),
      status: z.union([z.literal(429), z.literal(409), z.int().min(500).max(599)]),
      /** Header `Retry-After` in seconds. Default with 429: 1. */
      retryAfter: z.int().min(0).optional(),
      /** Header `Retry-After-Ms`, which the SDKs and the Pulumi provider heed. */
      retryAfterMs: z.int().min(0).optional(),
      /** Header `x-should-retry`, which decides for them outright. */
      shouldRetry: z.boolean().optional(),
    }),
    z.strictObject({ kind: z.literal("slow"), milliseconds: z.int().min(0).max(600_000) }),
    z.strictObject({ kind: z.literal("reset"), when: z.enum(["before", "after"]) }),
    z.strictObject({ kind: z.literal("truncated") }),
    z.strictObject({ kind: z.literal("stale") }),
  ]),
});

/** A fault on demand, for calls that come. */
export type Fault = z.infer<typeof faultSchema>;

export type Mishap = Fault["fault"];

interface Pending {
  readonly fault: Fault;
  readonly matches: (method: string, path: string) => boolean;
  passing: number;
  left: number;
}

export class Faults {
  #pending: Pending[] = [];

  /** @throws SyntaxError if the path is a wrong regular expression. */
  add(fault: Fault): void {
    this.#pending.push({
      fault,
      matches: createMatcher(fault),
      passing: fault.after,
      left: fault.count,
    });
  }

  clear(): void {
    this.#pending = [];
  }

  /** Those that still wait. */
  list(): { fault: Fault; left: number }[] {
    return this.#pending.map(({ fault, left }) => ({ fault, left }));
  }

  /** The fault for this call, if there is one. Counts the call. */
  take(method: string, path: string): Mishap | undefined {
    for (const pending of this.#pending) {
      if (!pending.matches(method, path)) continue;
      if (pending.passing > 0) {
        pending.passing -= 1;
        continue;
      }
      pending.left -= 1;
      if (pending.left === 0) this.#pending = this.#pending.filter((each) => each !== pending);
      return pending.fault.fault;
    }
    return undefined;
  }
}

function createMatcher({ method, path }: Fault): Pending["matches"] {
  const [, source] = /^\/(.+)\/$/.exec(path) ?? [];
  const expression = source === undefined ? undefined : new RegExp(source);
  return (calledMethod, calledPath) =>
    (method === undefined || method === calledMethod) &&
    (expression === undefined ? calledPath.includes(path) : expression.test(calledPath));
}
