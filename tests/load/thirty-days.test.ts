import { expect, test } from "vitest";
import { sample } from "../support/sample.ts";
import { liveThrough } from "./support/thirty-days.ts";

test("days of refreshes, restarts and deployments sign nobody out and fail no call that is not told to retry", async () => {
  const ledger = await liveThrough({
    days: sample(2, 30),
    people: sample(3, 10),
    processes: 5,
    deployments: sample(3, 20),
    seed: 20_260_730,
  });
  console.log(JSON.stringify(ledger.tally));
  expect(ledger.problems).toEqual([]);
  expect(ledger.tally).toMatchObject({ signedOut: 0, failed: 0 });
}, 3_000_000);
