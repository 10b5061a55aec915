import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import type { TestModule } from "vitest/node";
import { makeTempFolder } from "./temp-folder.ts";
import TotalsReporter from "./totals-reporter.ts";

/** What a run with tests that ended so says in its last line. */
function run(...states: ("passed" | "failed" | "skipped")[]): string {
  const written: string[] = [];
  const write = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
  const module = {
    errors: () => [],
    children: { allTests: () => states.map((state) => ({ result: () => ({ state }) })) },
  } as unknown as TestModule;
  try {
    new TotalsReporter().onTestRunEnd([module], []);
  } finally {
    write.mockRestore();
  }
  return written.join("").trim();
}

test("a run says what it counted, and with a file what all runs counted", async () => {
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  vi.stubEnv("REQUIRE_ALL", "");
  expect(run("passed", "failed")).toBe("1 passed, 1 failed, 0 skipped");
  await using folder = await makeTempFolder();
  const file = join(folder.path, "totals");
  await writeFile(file, "");
  vi.stubEnv("TOTALS_FILE", file);
  expect(run("passed", "passed", "skipped")).toBe("2 passed, 0 failed, 1 skipped");
  // What a test of it starts does not count.
  expect(process.env.TOTALS_FILE).toBeUndefined();
  vi.stubEnv("TOTALS_FILE", file);
  expect(run("passed", "failed")).toBe("3 passed, 1 failed, 1 skipped");
});
