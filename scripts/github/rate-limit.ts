import type { Refused } from "./describe-refusal.ts";

/** Milliseconds that a run waits at most for a rate limit to end. A job that waits costs money too. */
const longestPause = 90_000;
/** Milliseconds to wait if GitHub names no time, as its documentation asks. */
const unnamedPause = 60_000;

/** Whether it was refused because there were too many calls: 429, or 403 as any missing permission. */
export function isRateLimited({ status, headers, data }: Omit<Refused, "purpose">): boolean {
  if (status === 429) return true;
  if (status !== 403) return false;
  const message = (data as { message?: unknown } | undefined)?.message;
  return (
    headers.get("x-ratelimit-remaining") === "0" ||
    headers.has("retry-after") ||
    /rate limit/i.test(String(message))
  );
}

/**
 * Milliseconds until a call may be repeated (GitHub's docs, "Best practices for using the REST API").
 * @returns undefined if it may not, or not so soon that waiting is worth it.
 */
export function readPause(refused: Omit<Refused, "purpose">, now = Date.now()): number | undefined {
  if (!isRateLimited(refused)) return undefined;
  const pause = findEnd(refused.headers, now);
  return pause <= longestPause ? pause : undefined;
}

/** Milliseconds until a rate limit ends. */
export function findEnd(headers: Headers, now = Date.now()): number {
  const after = headers.get("retry-after");
  if (after !== null && /^\d+$/.test(after)) return Number(after) * 1000;
  const reset = headers.get("x-ratelimit-reset");
  if (headers.get("x-ratelimit-remaining") === "0" && reset !== null && /^\d+$/.test(reset)) {
    return Math.max(0, Number(reset) * 1000 - now);
  }
  return unnamedPause;
}
