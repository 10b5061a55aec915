import * as fc from "fast-check";
import { expect, test } from "vitest";
import { anyCharacter } from "./any-character.ts";

test("strings of any characters have those beyond 16 bits and no half of a pair", () => {
  const strings = fc.sample(fc.string({ unit: anyCharacter }), 2000);
  expect(strings.every((text) => text.isWellFormed())).toBe(true);
  const characters = strings.flatMap((text) => [...text]);
  for (const [from, to] of [
    [0, 0x7f],
    [0x80, 0xd7ff],
    [0xe000, 0xffff],
    [0x10000, 0x10ffff],
  ] as const) {
    const found = characters.filter((one) => {
      const code = one.codePointAt(0) ?? -1;
      return from <= code && code <= to;
    });
    expect(found.length, `from ${from}`).toBeGreaterThan(0);
  }
  // fast-check tries the names that break programs only where it can tell which characters they consist of.
  expect(fc.string({ unit: anyCharacter }).canShrinkWithoutContext("__proto__")).toBe(true);
});

test("a failing string of any characters is made shorter and simpler", () => {
  const { counterexample } = fc.check(
    fc.property(fc.string({ unit: anyCharacter }), (text) => !/[^\0]/u.test(text)),
    { numRuns: 1000 },
  );
  expect(counterexample).toEqual(["\u0001"]);
});
