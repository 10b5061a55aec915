import { expect, test } from "vitest";
import { mainModule } from "../../infra/bundle.ts";
import type { WorkerSpec } from "../../scripts/runtime/worker-spec.ts";
import budgets from "../bench/budgets.json" with { type: "json" };
import { contestants } from "../bench/contestants.ts";
import { operationCounts } from "../bench/figures/operations.ts";
import { Load } from "../bench/load/load.ts";
import { runFigures } from "../bench/run.ts";
import { type ServerOptions, startServer } from "../bench/server.ts";

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

test("flags of V8 reach the runtime that is started with them, and no later one", async () => {
  using load = new Load();
  const spec: WorkerSpec = {
    name: "flagged",
    modules: [
      {
        name: mainModule,
        type: "ESModule",
        contents: "export default { fetch: () => new Response(typeof gc) };",
      },
    ],
    compatibilityDate: "2026-07-30",
    compatibilityFlags: [],
    bindings: [],
    crons: [],
  };
  const ask = async (options?: ServerOptions) => {
    await using server = await startServer(spec, options);
    return (await load.run("askOnce", { target: server.target, sent: { path: "/" } })).text;
  };
  expect(await ask({ v8Flags: ["--expose-gc"] })).toBe("function");
  expect(await ask()).toBe("undefined");
});
