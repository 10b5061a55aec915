import * as z from "zod";
import { defineTool, ToolError } from "../kit/index.ts";

/** Numbers in a list at most. */
const longestList = 10_000;

/** Describes a list of numbers. */
export default defineTool({
  name: "statistics",
  title: "Describe a list of numbers",
  description: `Returns count, sum, mean, median, quartiles, minimum, maximum and both standard deviations of a list of numbers. Use it instead of computing these one by one. Takes 1 to ${longestList} finite numbers.`,
  scope: "math:use",
  input: z.object({
    numbers: z.array(z.number()).min(1).max(longestList).describe("The list, in any order"),
  }),
  output: z.object({
    count: z.int(),
    sum: z.number(),
    mean: z.number().describe("Sum divided by count"),
    median: z.number().describe("Half of the list lie below, interpolated"),
    lowerQuartile: z.number().describe("25 % of the list lie below, interpolated"),
    upperQuartile: z.number().describe("75 % of the list lie below, interpolated"),
    min: z.number(),
    max: z.number(),
    populationDeviation: z.number().describe("Standard deviation if the list is everything"),
    sampleDeviation: z
      .number()
      .nullable()
      .describe("Standard deviation if the list is a sample; null for one number"),
  }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  run({ numbers }) {
    const sorted = numbers.toSorted((a, b) => a - b);
    const count = sorted.length;
    const sum = addUp(sorted);
    const mean = sum / count;
    const squares = addUp(sorted.map((number) => (number - mean) ** 2));
    const structured = {
      count,
      sum,
      mean,
      median: interpolate(sorted, 0.5),
      lowerQuartile: interpolate(sorted, 0.25),
      upperQuartile: interpolate(sorted, 0.75),
      min: interpolate(sorted, 0),
      max: interpolate(sorted, 1),
      populationDeviation: Math.sqrt(squares / count),
      sampleDeviation: count === 1 ? null : Math.sqrt(squares / (count - 1)),
    };
    if (!Object.values(structured).every((value) => value === null || Number.isFinite(value))) {
      throw new ToolError("The numbers are too large together. Divide all by the same number.");
    }
    const { median, min, max } = structured;
    const text = `${count} numbers from ${min} to ${max}: sum ${sum}, mean ${mean}, median ${median}`;
    return { structured, text };
  },
});

/** Adds with a correction for what each step rounds away (Neumaier), so that order does not matter much. */
function addUp(numbers: readonly number[]): number {
  let sum = 0;
  let lost = 0;
  for (const number of numbers) {
    const next = sum + number;
    lost += Math.abs(sum) >= Math.abs(number) ? sum - next + number : number - next + sum;
    sum = next;
  }
  return sum + lost;
}

/** Value below which a share of the sorted list lies, between the two nearest ones. */
function interpolate(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}
