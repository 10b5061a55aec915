import { ApiError } from "./api-error.ts";

/** Cloudflare's limit of API calls: https://developers.cloudflare.com/fundamentals/api/reference/limits/ */
const calls = 1200;
/** Seconds. */
const window = 300;

/** Counts the calls of each token in windows of five minutes. */
export class RateLimit {
  readonly #isEnforced: boolean;
  /** `since` in milliseconds. */
  readonly #counts = new Map<string, { readonly since: number; count: number }>();

  /** @param isEnforced whether a call over the limit is refused, or only counted. */
  constructor(isEnforced: boolean) {
    this.#isEnforced = isEnforced;
  }

  /** Counts one call. @returns headers for its answer. @throws ApiError 429 */
  take(tokenId: string): Record<string, string> {
    // Not the wall clock: it may jump.
    const now = performance.now();
    let counted = this.#counts.get(tokenId);
    if (counted === undefined || now - counted.since >= window * 1000) {
      counted = { since: now, count: 0 };
      this.#counts.set(tokenId, counted);
    }
    // What has passed is subtracted whole: a time of day plus a window is rounded, and would end a second late.
    const reset = Math.ceil(window - (now - counted.since) / 1000);
    const isOver = counted.count >= calls;
    if (!isOver) counted.count += 1;
    const headers = {
      ratelimit: `"default";r=${calls - counted.count};t=${reset}`,
      "ratelimit-policy": `"default";q=${calls};w=${window}`,
    };
    if (!isOver || !this.#isEnforced) return headers;
    throw new ApiError(
      429,
      { code: 971, message: "Please wait and consider throttling your request speed" },
      { ...headers, "retry-after": String(reset) },
    );
  }
}
