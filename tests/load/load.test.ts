import { expect, test } from "vitest";
import { WorkerRuntime } from "../../scripts/runtime/runtime.ts";
import type { WorkerSpec } from "../../scripts/runtime/worker-spec.ts";
import { keepFigures } from "../support/keep-figures.ts";
import { replaceWorker } from "../support/replace-worker.ts";
import { sample } from "../support/sample.ts";
import { startStackServer } from "../support/stack-server.ts";
import { wholeCrowd as crowd, crowdSettings, letCrowdIn, toFigures } from "./support/crowd.ts";
import { isFlat, isSettled, measureHeap } from "./support/memory.ts";

test("a crowd that calls, refreshes, logs in and gives back at once gets its own answers and no other", {
  timeout: sample(600_000, 7_200_000),
}, async () => {
  await using server = await startStackServer({ settings: crowdSettings, hasInspector: true });
  const result = await letCrowdIn(server.origin, crowd, await server.findInspector());
  const { tally, problems, memory, heap } = result;
  await keepFigures("load", toFigures(result));
  expect(problems).toEqual([]);
  expect(tally).toMatchObject({ foreign: 0, wrong: 0, failed: 0 });
  for (const name of ["refreshes", "logins", "revocations"] as const) {
    expect(tally[name], name).toBeGreaterThan(0);
  }
  // A sample does not measure it: it is too short for a heap to settle.
  if (memory.length === 0) return;
  expect(isFlat(heap), heap.join(" ")).toBe(true);
  expect(isSettled(memory), memory.join(" ")).toBe(true);
});

test("a server that takes one call in five for another person's is found out", {
  timeout: 600_000,
}, async () => {
  await using server = await startStackServer({
    settings: crowdSettings,
    change: replaceWorker("tests/support/worker/mixed-identities.ts"),
  });
  const { tally } = await letCrowdIn(server.origin, {
    ...crowd,
    people: 8,
    calls: 120,
    streams: 0,
  });
  expect(tally.foreign).toBeGreaterThan(0);
});

test("memory that grows all the time is not taken for flat, and a heap that breathes is", () => {
  const breathing = Array.from({ length: 100 }, (_, index) => 180 + (index % 10) * 4);
  expect(isFlat(breathing)).toBe(true);
  expect(isFlat(breathing.map((megabytes, index) => megabytes + index))).toBe(false);
  expect(isSettled(breathing)).toBe(true);
  expect(isSettled(breathing.map((megabytes, index) => megabytes + 5 * index))).toBe(false);
});

test("the heap of a Worker that keeps what it was asked is seen to grow, and of one that does not it is not", async () => {
  const toSpec = (name: string, code: string): WorkerSpec => ({
    name,
    modules: [{ name: `${name}.js`, type: "ESModule", contents: code }],
    compatibilityDate: "2026-07-01",
    ...{ compatibilityFlags: [], bindings: [], crons: [] },
  });
  const specs = [
    toSpec(
      "keeps",
      "const kept = []; export default { fetch: () => new Response(String(kept.push(Array.from({ length: 131072 }, Math.random)))) };",
    ),
    toSpec("forgets", "export default { fetch: () => new Response('1') };"),
  ];
  await using runtime = await WorkerRuntime.boot(specs, { hasInspector: true });
  const grow = async (name: string) => {
    const inspector = await runtime.findInspector(name);
    const before = await measureHeap(inspector);
    for (let asked = 0; asked < 40; asked++) {
      const headers = runtime.headersFor(name);
      expect((await fetch(`http://127.0.0.1:${runtime.port}`, { headers })).status).toBe(200);
    }
    return (await measureHeap(inspector)) - before;
  };
  // Each time a mebibyte.
  expect(await grow("keeps")).toBeGreaterThan(35);
  expect(await grow("forgets")).toBeLessThan(10);
});
