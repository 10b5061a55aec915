import fc from "fast-check";
import { expect, test } from "vitest";
import { type JsonObject, mergeJson } from "./merge-json.ts";

test("what one side changed, added or took out holds", () => {
  const base = { a: 1, b: { c: 1, d: 1 }, e: 1 };
  const theirs = { a: 1, b: { c: 2, d: 1, mine: 1 }, e: 1 };
  const upstream = { new: 1, a: 3, b: { c: 1, d: 4 } };
  expect(mergeJson(base, theirs, upstream)).toEqual({
    merged: { new: 1, a: 3, b: { c: 2, mine: 1, d: 4 } },
    both: [],
  });
});

test("of what both changed upstream's holds and is told; what they took out stays out", () => {
  const base = { zod: "1", hono: "1", yaml: "1" };
  const { merged, both } = mergeJson(base, { zod: "2", yaml: "2" }, { zod: "3", hono: "3" });
  expect(merged).toEqual({ zod: "3", yaml: "2" });
  expect(both).toEqual([
    { path: ["zod"], theirs: "2", upstream: "3" },
    { path: ["yaml"], theirs: "2", upstream: undefined },
    { path: ["hono"], theirs: undefined, upstream: "3" },
  ]);
});

test("a key of theirs is kept whatever upstream does, also where they have none", () => {
  const { merged } = mergeJson({ name: "a" }, { name: "a" }, { name: "b", bugs: "url" }, [
    "name",
    "bugs",
  ]);
  expect(merged).toEqual({ name: "a" });
});

test("a list of texts is merged as a set", () => {
  const { merged, both } = mergeJson(
    { a: ["1", "2"] },
    { a: ["2", "mine"] },
    { a: ["1", "2", "3"] },
  );
  expect(merged).toEqual({ a: ["2", "3", "mine"] });
  expect(both).toEqual([]);
});

const value = fc.dictionary(
  fc.constantFrom("a", "b", "c", "__proto__", "constructor"),
  fc.oneof(fc.integer({ max: 3, min: 0 }), fc.dictionary(fc.constantFrom("x", "y"), fc.boolean())),
);

test("where only one side changed anything, the result is that side", () => {
  fc.assert(
    fc.property(value, value, (base, other) => {
      const [one, two] = [base, other].map(
        (side) => JSON.parse(JSON.stringify(side)) as JsonObject,
      );
      expect(mergeJson(one ?? {}, one ?? {}, two ?? {})).toEqual({ merged: two, both: [] });
      expect(mergeJson(one ?? {}, two ?? {}, one ?? {})).toEqual({ merged: two, both: [] });
      expect(mergeJson(one ?? {}, two ?? {}, two ?? {})).toEqual({ merged: two, both: [] });
    }),
  );
});
