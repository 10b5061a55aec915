import type { Reporter, TestModule } from "vitest/node";

/** Ends a run with one plain line, `N passed, N failed, N skipped`, that any program can read. */
export default class TotalsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) counts[test.result().state]++;
    }
    // A file that does not load and an error outside of a test fail the run as well.
    const broken = modules.filter((module) => module.errors().length > 0).length + errors.length;
    const skipped = counts.skipped + counts.pending;
    process.stdout.write(
      `\n${counts.passed} passed, ${counts.failed + broken} failed, ${skipped} skipped\n`,
    );
    if (process.env.REQUIRE_ALL === "1" && skipped > 0) {
      process.stdout.write("REQUIRE_ALL=1: a skipped test counts as a failure.\n");
      process.exitCode = 1;
    }
  }
}
