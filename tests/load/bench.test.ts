import { expect, test } from "vitest";
import budgets from "../bench/budgets.json" with { type: "json" };
import { contestants } from "../bench/contestants.ts";
import { operationCounts } from "../bench/figures/operations.ts";
import { runFigures } from "../bench/run.ts";

test("the benchmark counts what each contestant asks of storage, within this server's budget", async () => {
  const figures = await runFigures({
    contestants: contestants.filter(({ name }) => name !== "bare" && name !== "floor"),
    figures: [operationCounts],
    rounds: 1,
    onProgress: () => undefined,
  });
  const count = (metric: string): Readonly<Record<string, number>> => {
    const values = Object.entries(figures.operations?.metrics[metric]?.values ?? {});
    return Object.fromEntries(values.map(([name, { median }]) => [name, median]));
  };
  expect(count("login.kvWrites")).toEqual({ ours: budgets.login.kvWrites, agent: 4, plain: 4 });
  expect(count("first.kvReads").plain).toBe(1);
  expect(count("warm.kvReads")).toEqual({
    ours: budgets.login.kvReadsOfCall.warm,
    agent: 1,
    plain: 1,
  });
  expect(count("warm.objectRequests")).toMatchObject({ ours: 0, plain: 0 });
  expect(count("warm.objectRequests").agent).toBeGreaterThan(0);
});
