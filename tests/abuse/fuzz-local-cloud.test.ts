import { expect, test } from "vitest";
import { isFlat } from "../load/support/memory.ts";
import { keepFigures } from "../support/keep-figures.ts";
import { TestCloud } from "../support/local-cloud.ts";
import { sample } from "../support/sample.ts";
import { httpCases, toRequest } from "./fuzz/cases.ts";
import { recordCloud } from "./fuzz/record-cloud.ts";
import { fuzz, tellRun, toFigures } from "./fuzz/run.ts";

const file = "tests/abuse/fuzz-local-cloud.test.ts";

/** Megabytes by which this process, in which the local cloud runs, may grow in a sample. */
const sampleGrowth = 384;

test("no request, however wrong, makes the local cloud's API fail, hang, grow or tell of itself", {
  timeout: sample(600_000, 3_600_000),
}, async () => {
  const printed: string[] = [];
  await using cloud = await TestCloud.start({ onLine: (line) => printed.push(line) });
  const recorded = await recordCloud(cloud);
  const megabytes = () => process.memoryUsage().rss / 2 ** 20;
  const memory = [megabytes()];
  const result = await fuzz({
    file,
    origin: `http://localhost:${cloud.local.port}`,
    inFlight: 8,
    count: sample(450, 5_000),
    cases: httpCases(false),
    toRequest(fuzzCase) {
      if (fuzzCase.kind === "document") throw new Error("Nothing fetches documents here.");
      return toRequest(fuzzCase, recorded);
    },
    // wrangler would take 404 to mean that the bucket has no such object.
    isPromised: ({ status, text }) =>
      status === 501 && text.includes("the local cloud does not have R2 objects over the API"),
    onBatch: async () => void memory.push(megabytes()),
  });
  tellRun("The local cloud's API", result);
  await keepFigures("fuzz-local-cloud", toFigures(result));
  expect(result.problems.join("\n\n")).toBe("");
  expect(printed.join("\n")).not.toMatch(/^\s+at /m);
  expect((await cloud.fetchApi("/user/tokens/verify")).status).toBe(200);
  const [first = 0] = memory;
  if (memory.length >= 8) expect(isFlat(memory.slice(2)), memory.join(" ")).toBe(true);
  else expect(Math.max(...memory) - first).toBeLessThan(sampleGrowth);
});
