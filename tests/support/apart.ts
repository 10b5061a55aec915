import { existsSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "vitest";
import { requireOrSkip } from "./require-all.ts";

/** Where packages are that only a few tests drive, with a lock file of their own. */
export const apartFolder = join(import.meta.dirname, "../apart");

/**
 * Path of a file of a package in `tests/apart`. `npm ci` of the checkout does not bring it, so that nobody
 * waits for it who does not run these tests; without it the test is skipped.
 * @param file from `node_modules`, as `cloudflare-6/index.js`.
 */
export function requireApart(skip: TestContext["skip"], file: string): string {
  const path = join(apartFolder, "node_modules", file);
  return requireOrSkip(
    skip,
    existsSync(path) ? path : undefined,
    "A package is missing that only tests need. Install it with `npm ci --prefix tests/apart`.",
  );
}
