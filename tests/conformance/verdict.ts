import type { Check, ScenarioResult } from "./suite.ts";

const isFailed = ({ status }: Check) => status === "FAILURE" || status === "WARNING";
const isSkipped = ({ status }: Check) => status === "SKIPPED" || status === "INFO";

/**
 * What failed and was not expected, and what was expected and did not fail. The suite looks at the
 * same list, but only at the entries of scenarios that it scores and that it ran.
 * @param expected `scenario`, or `scenario:check`.
 * @returns empty where everything is as the list has it.
 */
export function compareFailures(
  results: readonly ScenarioResult[],
  expected: readonly string[],
): { readonly unexpected: readonly string[]; readonly stale: readonly string[] } {
  const seen = new Set<string>();
  const unexpected: string[] = [];
  for (const { name, checks } of results) {
    for (const check of checks.filter(isFailed)) {
      const entry = [name, `${name}:${check.id}`].find((candidate) => expected.includes(candidate));
      if (entry !== undefined) seen.add(entry);
      else unexpected.push(`${name}:${check.id} ${check.errorMessage ?? ""}`.trimEnd());
    }
  }
  return { unexpected, stale: expected.filter((entry) => !seen.has(entry)) };
}

/** Checks that the suite did not make, as `scenario:check`. */
export function listSkipped(results: readonly ScenarioResult[]): readonly string[] {
  return results.flatMap(({ name, checks }) =>
    checks.filter(isSkipped).map(({ id }) => `${name}:${id}`),
  );
}

/** Scenarios without a check that passed: nothing was looked at, or all of it was skipped. */
export function listUnproven(results: readonly ScenarioResult[]): readonly string[] {
  return results
    .filter(({ checks }) => !checks.some(({ status }) => status === "SUCCESS"))
    .map(({ name }) => name);
}

/** A table of a run, in the order of the given names; what is not among them comes last. */
export function toTable(
  title: string,
  results: readonly ScenarioResult[],
  scored: readonly string[],
): string {
  const place = ({ name }: ScenarioResult) =>
    scored.includes(name) ? scored.indexOf(name) : scored.length;
  const rows = results
    .toSorted((a, b) => place(a) - place(b))
    .map(({ name, checks }) => {
      const count = (...statuses: Check["status"][]) =>
        String(checks.filter(({ status }) => statuses.includes(status)).length);
      return [
        name,
        count("SUCCESS"),
        count("FAILURE"),
        count("WARNING"),
        count("SKIPPED", "INFO"),
        scored.includes(name) ? "" : "not scored",
      ];
    });
  const header = ["scenario", "passed", "failed", "warnings", "skipped", ""];
  const width = Math.max(...[header, ...rows].map(([name = ""]) => name.length));
  const lines = [header, ...rows].map(([name = "", ...rest]) =>
    [name.padEnd(width), ...rest.map((text) => text.padStart(8))].join(" ").trimEnd(),
  );
  return [title, ...lines].join("\n");
}
