import type { TestContext } from "vitest";

/**
 * Gives back what a test needs of the machine. Where it is missing, the test is skipped and says
 * how to get it; with `REQUIRE_ALL=1`, as in CI, it fails instead, so that nothing is left out
 * unseen.
 */
export function requireOrSkip<Needed>(
  skip: TestContext["skip"],
  needed: Needed | undefined,
  howToGetIt: string,
): Needed {
  if (needed !== undefined) return needed;
  if (process.env.REQUIRE_ALL === "1") throw new Error(howToGetIt);
  // vitest's default reporter counts a skipped test, but keeps the reason to itself.
  console.warn(`Skipped. ${howToGetIt}`);
  return skip(howToGetIt);
}
