import { expect, test } from "vitest";
import { keepFigures } from "../support/keep-figures.ts";
import { replaceWorker } from "../support/replace-worker.ts";
import { sample } from "../support/sample.ts";
import { liveThrough } from "./support/thirty-days.ts";

const soakTime = 3_600_000;
const seed = 20_260_730;

test("days of refreshes, restarts and deployments sign nobody out, and no call fails that is not told to retry", {
  timeout: sample(600_000, soakTime),
}, async () => {
  const { tally, problems } = await liveThrough({
    days: sample(2, 30),
    people: sample(2, 5),
    processes: 5,
    deployments: sample(3, 20),
    seed,
  });
  await keepFigures("thirty-days", tally);
  expect(problems).toEqual([]);
  expect(tally).toMatchObject({ signedOut: 0, failed: 0, deployments: sample(3, 20) });
  // Otherwise nothing was tried. In a few days nobody may have to be told to retry.
  const tried = ["calls", "refreshes", "restartedObjects"] as const;
  for (const name of sample<readonly ("calls" | "refreshes" | "restartedObjects" | "retries")[]>(
    tried,
    [...tried, "retries"],
  )) {
    expect(tally[name], name).toBeGreaterThan(0);
  }
});

test("a gate that does not give its answer again signs people out", {
  timeout: 600_000,
}, async () => {
  const { tally } = await liveThrough({
    days: 30,
    people: 1,
    processes: 5,
    deployments: 0,
    seed,
    lostShare: 0.3,
    isEnough: ({ signedOut }) => signedOut > 0,
    change: replaceWorker("tests/support/worker/without-replay.ts"),
  });
  expect(tally.signedOut).toBeGreaterThan(0);
});
