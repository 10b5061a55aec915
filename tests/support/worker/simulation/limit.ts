import type { RateLimit } from "@cloudflare/workers-types";
import { now } from "./clock.ts";
import { readConditions } from "./conditions.ts";

/** What was counted, by binding, key and period. */
const counted = new Map<string, number>();

/** Counts of periods that are over are dropped when there are so many. */
const mostCounts = 10_000;

/** A limit binding that counts by the simulated clock. */
export function openLimit(binding: string): RateLimit {
  return {
    async limit({ key }: { key?: string } = {}) {
      const { limits, limitsFail } = readConditions();
      if (limitsFail) throw new Error("The rate limiter is not there.");
      const { limit, period } = limits[binding] ?? { limit: Number.POSITIVE_INFINITY, period: 60 };
      if (counted.size > mostCounts) counted.clear();
      const window = `${binding}:${key}:${Math.floor(now() / (period * 1000))}`;
      const count = (counted.get(window) ?? 0) + 1;
      counted.set(window, count);
      return { success: count <= limit };
    },
  };
}
