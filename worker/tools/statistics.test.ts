import * as fc from "fast-check";
import { expect, test } from "vitest";
import { callTool } from "../../tests/support/worker/call-tool.ts";
import statistics from "./statistics.ts";

/** Without -0, which JSON does not have. */
const number = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => value + 0);
const numbers = fc.array(number, {
  minLength: 1,
  maxLength: 50,
});

test("it gives the known values of a known list", async () => {
  const { structured, text } = await callTool(statistics, { numbers: [9, 2, 4, 5, 4, 7, 4, 5] });
  expect(structured).toEqual({
    count: 8,
    sum: 40,
    mean: 5,
    median: 4.5,
    lowerQuartile: 4,
    upperQuartile: 5.5,
    min: 2,
    max: 9,
    populationDeviation: 2,
    sampleDeviation: Math.sqrt(32 / 7),
  });
  expect(text).toBe("8 numbers from 2 to 9: sum 40, mean 5, median 4.5");
});

test("one number has no deviation of a sample", async () => {
  const { structured } = await callTool(statistics, { numbers: [3] });
  expect(structured).toMatchObject({
    count: 1,
    sum: 3,
    lowerQuartile: 3,
    median: 3,
    upperQuartile: 3,
    populationDeviation: 0,
    sampleDeviation: null,
  });
});

test("small numbers are not lost between large ones", async () => {
  const { structured } = await callTool(statistics, { numbers: [1e16, 1, -1e16, 1] });
  expect(structured?.sum).toBe(2);
});

test("the order of the list does not matter", async () => {
  const shuffled = numbers.chain((list) =>
    fc.tuple(
      fc.constant(list),
      fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length }),
    ),
  );
  await fc.assert(
    fc.asyncProperty(shuffled, async ([list, other]) => {
      const [first, second] = await Promise.all(
        [list, other].map((given) => callTool(statistics, { numbers: given })),
      );
      expect(second).toEqual(first);
    }),
    { numRuns: 50 },
  );
});

test("the quartiles lie in order between the smallest and the largest number", async () => {
  await fc.assert(
    fc.asyncProperty(numbers, async (list) => {
      const { structured } = await callTool(statistics, { numbers: list });
      if (structured === undefined) throw new Error("It gave no values.");
      const { min, lowerQuartile, median, upperQuartile, max } = structured;
      const inOrder = [min, lowerQuartile, median, upperQuartile, max];
      expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b));
      expect(structured).toMatchObject({ min: Math.min(...list), max: Math.max(...list) });
    }),
    { numRuns: 50 },
  );
});

test("numbers too large together are refused, and what to do is said", async () => {
  for (const list of [
    [1e308, 1e308],
    [-1.7e308, 1.7e308],
  ]) {
    const { isError, text } = await callTool(statistics, { numbers: list });
    expect(isError).toBe(true);
    expect(text).toBe("The numbers are too large together. Divide all by the same number.");
  }
});

test("an empty list and one that is too long are refused with the bound", async () => {
  const empty = await callTool(statistics, { numbers: [] });
  expect(empty.text).toMatch(/numbers: .*>=1/);
  const long = await callTool(statistics, { numbers: Array(10_001).fill(1) });
  expect(long.text).toMatch(/numbers: .*<=10000/);
});
