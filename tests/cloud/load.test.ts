import { expect, test } from "vitest";
import { crowdSettings, letCrowdIn, toFigures, wholeCrowd } from "../load/support/crowd.ts";
import { isSettled } from "../load/support/memory.ts";
import { Deployment } from "../support/deployment.ts";
import { keepFigures } from "../support/keep-figures.ts";
import { sample } from "../support/sample.ts";

/** The other sample, tests/load/load.test.ts, is larger: here a deployment comes first. */
const crowd = { ...wholeCrowd, ...sample({ people: 6, calls: 80, streams: 2 }, {}) };

test("a crowd that uses what was deployed to the local cloud gets its own answers and no other", {
  timeout: sample(600_000, 7_200_000),
}, async ({ skip }) => {
  await using deployment = await Deployment.make(skip);
  await deployment.configure(crowdSettings);
  await deployment.up();
  const result = await letCrowdIn(await deployment.origin(), crowd);
  const { tally, problems, memory } = result;
  await keepFigures("load-local-cloud", toFigures(result));
  expect(problems).toEqual([]);
  expect(tally).toMatchObject({ foreign: 0, wrong: 0, failed: 0 });
  if (memory.length > 0) expect(isSettled(memory), memory.join(" ")).toBe(true);
});
