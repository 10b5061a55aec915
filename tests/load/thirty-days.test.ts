import { join } from "node:path";
import { expect, test } from "vitest";
import { bundleWorker } from "../../infra/bundle.ts";
import type { WorkerSpec } from "../../scripts/runtime/worker-spec.ts";
import { sample } from "../support/sample.ts";
import { liveThrough } from "./support/thirty-days.ts";

const soakTime = 3_600_000;
const seed = 20_260_730;

test("days of refreshes, restarts and deployments sign nobody out, and no call fails that is not told to retry", {
  timeout: sample(90_000, soakTime),
}, async () => {
  const { tally, problems } = await liveThrough({
    days: sample(2, 30),
    people: sample(2, 10),
    processes: 5,
    deployments: sample(3, 20),
    seed,
  });
  expect(problems).toEqual([]);
  expect(tally).toMatchObject({ signedOut: 0, failed: 0, deployments: sample(3, 20) });
  // Otherwise nothing was tried.
  for (const name of ["calls", "refreshes", "restartedObjects", "retries"] as const) {
    expect(tally[name], name).toBeGreaterThan(0);
  }
});

test("a gate that does not give its answer again signs people out", async () => {
  const { tally } = await liveThrough({
    days: 30,
    people: 1,
    processes: 5,
    deployments: 0,
    seed,
    lostShare: 0.3,
    isEnough: ({ signedOut }) => signedOut > 0,
    change: withoutReplay,
  });
  expect(tally.signedOut).toBeGreaterThan(0);
});

async function withoutReplay(spec: WorkerSpec, folder: string): Promise<WorkerSpec> {
  const { code } = await bundleWorker({
    entryPoint: "tests/support/worker/without-replay.ts",
    file: join(folder, "without-replay.js"),
  });
  return { ...spec, modules: spec.modules.map((module) => ({ ...module, contents: code })) };
}
