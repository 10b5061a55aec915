import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { TestContext } from "vitest";
import { projectRoot } from "../../infra/bundle.ts";
import { requireOrSkip } from "./require-all.ts";

const build = join(projectRoot, "tests/languages/build");

/** What `tests/languages/build` can make. */
export type Made = "python-1" | "python-2" | "python-cloudflare" | "go" | "java" | "rust";

/** Path of what `tests/languages/build` made; without it the test is skipped. */
export function requireMade(skip: TestContext["skip"], made: Made): string {
  return requireOrSkip(
    skip,
    findMade(made),
    `Nothing was made for ${made}. Make it with \`tests/languages/build ${made}\`, which says what it needs.`,
  );
}

function findMade(made: Made): string | undefined {
  try {
    return execFileSync(build, ["--where", made], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return undefined;
  }
}
