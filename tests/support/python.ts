import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { TestContext } from "vitest";
import { requireOrSkip } from "./require-all.ts";

/** Python's files in the checkout: programs that tests run, and the pins of their libraries. */
export const pythonFolder = resolve(import.meta.dirname, "../languages/python");

/** Where `tests/languages/prepare` keeps the libraries of other languages. */
const cache = join(
  process.env.XDG_CACHE_HOME || join(homedir(), ".cache"),
  "remote-mcp-server/languages",
);

/** Path of a Python that has the pinned libraries; without one the test is skipped. */
export function requirePython(skip: TestContext["skip"]): string {
  const venv = join(cache, "python");
  const made = join(venv, "requirements.txt");
  const isReady =
    existsSync(made) &&
    readFileSync(made, "utf8") === readFileSync(join(pythonFolder, "requirements.txt"), "utf8");
  return requireOrSkip(
    skip,
    isReady ? join(venv, "bin/python") : undefined,
    "No Python with the pinned libraries. Get it with `tests/languages/prepare`, which needs Python 3.10 or newer with venv.",
  );
}
