import { expect, test } from "vitest";
import type { Check, ScenarioResult } from "./suite.ts";
import { compareFailures, listSkipped, listUnproven } from "./verdict.ts";

const run = (name: string, ...checks: Check[]): ScenarioResult => ({ name, checks });

test("a failure and a warning count, unless the list has them, whole or check by check", () => {
  const results = [
    run("one", { id: "a", status: "FAILURE", errorMessage: "No." }, { id: "b", status: "SUCCESS" }),
    run("two", { id: "c", status: "WARNING" }, { id: "d", status: "FAILURE" }),
  ];
  expect(compareFailures(results, ["two:c"])).toEqual({
    unexpected: ["one:a No.", "two:d"],
    stale: [],
  });
  expect(compareFailures(results, ["one", "two:c", "two:d"])).toEqual({
    unexpected: [],
    stale: [],
  });
});

test("an entry that passes, that was not run, or that nobody knows is stale", () => {
  const results = [run("one", { id: "a", status: "SUCCESS" }, { id: "b", status: "SKIPPED" })];
  const expected = ["one", "one:a", "one:b", "one:mistyped", "another"];
  expect(compareFailures(results, expected)).toEqual({ unexpected: [], stale: expected });
});

test("a scenario proves nothing without a check that passed, and what was left out is named", () => {
  const results = [
    run("empty"),
    run("skipped", { id: "a", status: "SKIPPED" }, { id: "b", status: "INFO" }),
    run("passed", { id: "c", status: "SUCCESS" }, { id: "d", status: "SKIPPED" }),
  ];
  expect(listUnproven(results)).toEqual(["empty", "skipped"]);
  expect(listSkipped(results)).toEqual(["skipped:a", "skipped:b", "passed:d"]);
});
