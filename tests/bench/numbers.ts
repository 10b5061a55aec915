import type { Spread } from "../../scripts/docs/performance/measured.ts";

/** The value below which a share of the values lies. @throws Error for no values. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  if (low === undefined || high === undefined) throw new Error("Nothing was measured.");
  return low + (high - low) * (place - Math.floor(place));
}

/** Median, smallest and largest. @throws Error for no values. */
export function toSpread(values: readonly number[]): Spread {
  return { median: quantile(values, 0.5), min: quantile(values, 0), max: quantile(values, 1) };
}

/**
 * The exponent with which times grow with a size: 0 where they stay, 1 where they double with it. The slope of
 * the line through their logarithms (least squares).
 */
export function growthExponent(points: readonly (readonly [size: number, time: number])[]): number {
  const logs = points.map(([size, time]) => [Math.log(size), Math.log(time)] as const);
  const mean = (pick: 0 | 1) => logs.reduce((sum, log) => sum + log[pick], 0) / logs.length;
  const [meanSize, meanTime] = [mean(0), mean(1)];
  const along = logs.reduce((sum, [size, time]) => sum + (size - meanSize) * (time - meanTime), 0);
  const square = logs.reduce((sum, [size]) => sum + (size - meanSize) ** 2, 0);
  if (square === 0) throw new Error("Growth needs two sizes at least.");
  return along / square;
}

/** The values in random order (Fisher and Yates). */
export function shuffle<Value>(values: readonly Value[]): Value[] {
  const shuffled = [...values];
  for (let last = shuffled.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1));
    const [a, b] = [shuffled[last] as Value, shuffled[other] as Value];
    shuffled[last] = b;
    shuffled[other] = a;
  }
  return shuffled;
}
