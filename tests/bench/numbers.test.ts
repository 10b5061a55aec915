import { expect, test } from "vitest";
import { growthExponent, quantile, shuffle, toSpread } from "./numbers.ts";

test("a quantile lies between the values beside it, whatever their order", () => {
  expect(quantile([3, 1, 2], 0.5)).toBe(2);
  expect(quantile([4, 1, 2, 3], 0.5)).toBe(2.5);
  expect(quantile([10, 20], 0.9)).toBeCloseTo(19);
  expect(() => quantile([], 0.5)).toThrow("Nothing was measured.");
});

test("the spread of several rounds is the median between the smallest and the largest", () => {
  expect(toSpread([5, 1, 3])).toEqual({ median: 3, min: 1, max: 5 });
});

test("the exponent of growth is 0 for times that stay, 1 for those that grow with the size", () => {
  const sizes = [10, 100, 1000, 10_000];
  expect(growthExponent(sizes.map((size) => [size, 4]))).toBeCloseTo(0);
  expect(growthExponent(sizes.map((size) => [size, size / 7]))).toBeCloseTo(1);
  expect(growthExponent(sizes.map((size) => [size, Math.sqrt(size)]))).toBeCloseTo(0.5);
  expect(() => growthExponent([[10, 4]])).toThrow("two sizes");
});

test("a shuffled list has the same values in another order, and the list stays as it was", () => {
  const values = Array.from({ length: 200 }, (_, index) => index);
  const shuffled = shuffle(values);
  expect(shuffled).not.toEqual(values);
  expect(shuffled.toSorted((a, b) => a - b)).toEqual(values);
});
