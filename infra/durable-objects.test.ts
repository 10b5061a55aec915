import { expect, test } from "vitest";
import { planMigrations } from "./durable-objects.ts";

const history = [
  { tag: "v1", create: ["A"] },
  { tag: "v2", create: ["B"], rename: [{ from: "A", to: "C" }] },
  { tag: "v3", delete: ["B"] },
];

test("a new Worker gets every step", () => {
  expect(planMigrations(history, undefined)).toEqual({
    newTag: "v3",
    steps: [
      { newSqliteClasses: ["A"] },
      { newSqliteClasses: ["B"], renamedClasses: [{ from: "A", to: "C" }] },
      { deletedClasses: ["B"] },
    ],
  });
});

test("a deployed Worker gets the steps after its tag, and says which tag it must have", () => {
  expect(planMigrations(history, "v2")).toEqual({
    oldTag: "v2",
    newTag: "v3",
    steps: [{ deletedClasses: ["B"] }],
  });
});

test("an up-to-date Worker gets none", () => {
  expect(planMigrations(history, "v3")).toBeUndefined();
});

test("a Worker of somebody else is refused with the tag it has", () => {
  expect(() => planMigrations(history, "other")).toThrowError(/tag "other"/);
});
