import type { RateLimit } from "@cloudflare/workers-types";
import { logFailure } from "../log.ts";

/**
 * Whether the caller's address used up its share. Counted per Cloudflare location, and open when
 * the limiter itself fails: it bounds abuse, it is no lock.
 */
export async function isOverLimit(limit: RateLimit, request: Request): Promise<boolean> {
  try {
    const { success } = await limit.limit({ key: request.headers.get("cf-connecting-ip") ?? "" });
    return !success;
  } catch (error) {
    logFailure("limit-failure", error);
    return false;
  }
}
