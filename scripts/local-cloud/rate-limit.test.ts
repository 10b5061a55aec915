import { afterEach, expect, test, vi } from "vitest";
import { RateLimit } from "./rate-limit.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** What is left and the seconds until it is whole again, as the header of a call at that time says. */
function takeAt(limit: RateLimit, milliseconds: number): string | undefined {
  vi.spyOn(performance, "now").mockReturnValue(milliseconds);
  return limit.take("token").ratelimit;
}

test("a window has 300 seconds, whenever it begins", () => {
  for (let begin = 0.1; begin < 1_000_000; begin += 997.3) {
    const limit = new RateLimit(true);
    expect(takeAt(limit, begin)).toBe('"default";r=1199;t=300');
    expect(takeAt(limit, begin + 1500)).toBe('"default";r=1198;t=299');
    expect(takeAt(limit, begin + 299_999)).toBe('"default";r=1197;t=1');
    expect(takeAt(limit, begin + 300_001)).toBe('"default";r=1199;t=300');
  }
});
