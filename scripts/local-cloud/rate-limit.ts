import { ApiError } from "./api-error.ts";

/** Cloudflare's limit of API calls: https://developers.cloudflare.com/fundamentals/api/reference/limits/ */
const calls = 1200;
/** Seconds. */
const window = 300;

/** Counts the calls of each token in five minutes. */
export class RateLimit {
  readonly #times = new Map<string, number[]>();

  /** Counts one call. @returns headers for its answer. @throws ApiError 429 */
  take(tokenId: string): Record<string, string> {
    // Not the wall clock: it may jump.
    const now = performance.now() / 1000;
    const times = (this.#times.get(tokenId) ?? []).filter((time) => time > now - window);
    const [oldest = now] = times;
    const reset = Math.max(1, Math.ceil(oldest + window - now));
    const describe = (left: number) => ({
      ratelimit: `"default";r=${left};t=${reset}`,
      "ratelimit-policy": `"default";q=${calls};w=${window}`,
    });
    if (times.length >= calls) {
      throw new ApiError(
        429,
        { code: 971, message: "Please wait and consider throttling your request speed" },
        { ...describe(0), "retry-after": String(reset) },
      );
    }
    times.push(now);
    this.#times.set(tokenId, times);
    return describe(calls - times.length);
  }
}
