/** How cloudflare-go 6.6, which the real provider uses, tries again. */

/** Tries after the first. */
export const maxRetries = 10;

/** Milliseconds; a longer `Retry-After` is not believed. */
const longestAsked = 60_000;

/** Milliseconds before the second try, and the longest wait of its own. */
const firstWait = 2_000;
const longestWait = 30_000;

/** Part of a wait that is left to chance, so that many clients do not come back at once. */
const jitter = 0.25;

/** Whether an answer asks for another try. A request without an answer always does. */
export function isRetryable(status: number, headers: Headers): boolean {
  const told = headers.get("x-should-retry");
  if (told === "true") return true;
  if (told === "false") return false;
  return [408, 409, 429].includes(status) || status >= 500;
}

/**
 * Milliseconds to wait.
 * @param retry how many tries there were after the first one.
 * @param headers of the answer, if there was one.
 * @param chance from 0 to 1.
 */
export function chooseWait(retry: number, headers: Headers | undefined, chance: number): number {
  const asked = headers && readRetryAfter(headers);
  if (asked !== undefined && asked >= 0 && asked < longestAsked) return asked;
  const wait = Math.min(firstWait * 2 ** retry, longestWait);
  return wait - wait * jitter * chance;
}

/** What the API asks for: `Retry-After-Ms`, or `Retry-After` as seconds or as a date. */
function readRetryAfter(headers: Headers): number | undefined {
  const milliseconds = Number.parseFloat(headers.get("retry-after-ms") ?? "");
  if (!Number.isNaN(milliseconds)) return milliseconds;
  const text = headers.get("retry-after");
  if (text === null) return undefined;
  const seconds = Number(text);
  if (!Number.isNaN(seconds)) return seconds * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : date - Date.now();
}
