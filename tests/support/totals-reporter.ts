import { readFileSync, writeFileSync } from "node:fs";
import type { Reporter, TestModule } from "vitest/node";

/**
 * Ends a run with one plain line, `N passed, N failed, N skipped`, that any program can read. Where
 * `TOTALS_FILE` names a file, the line counts the runs before that named the same one, too.
 */
export default class TotalsReporter implements Reporter {
  readonly #file: string | undefined;

  constructor() {
    this.#file = process.env.TOTALS_FILE;
    // A run that a test starts is not one of them.
    delete process.env.TOTALS_FILE;
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) counts[test.result().state]++;
    }
    // A file that does not load and an error outside of a test fail the run as well.
    const broken = modules.filter((module) => module.errors().length > 0).length + errors.length;
    const skipped = counts.skipped + counts.pending;
    const totals = this.#add([counts.passed, counts.failed + broken, skipped]);
    process.stdout.write(`\n${totals[0]} passed, ${totals[1]} failed, ${totals[2]} skipped\n`);
    if (process.env.REQUIRE_ALL === "1" && skipped > 0) {
      process.stdout.write("REQUIRE_ALL=1: a skipped test counts as a failure.\n");
      process.exitCode = 1;
    }
  }

  /** Adds what this run counted to the runs before. */
  #add(counts: readonly number[]): number[] {
    if (this.#file === undefined) return [...counts];
    const before = readFileSync(this.#file, "utf8").trim().split(" ");
    const totals = counts.map((count, index) => count + Number(before[index] ?? 0));
    writeFileSync(this.#file, totals.join(" "));
    return totals;
  }
}
