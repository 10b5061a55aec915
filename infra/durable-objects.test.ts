import { describe, expect, test } from "vitest";
import { durableObjectBindings, durableObjectHistory } from "../worker/durable-objects.ts";
import { type LifecycleParts, planMigrations } from "./durable-objects.ts";

const history = [
  { tag: "v1", create: ["A"] },
  { tag: "v2", create: ["B"], rename: [{ from: "A", to: "C" }] },
  { tag: "v3", delete: ["B"] },
];

function plan(parts: Partial<LifecycleParts>) {
  return planMigrations({
    history,
    exported: ["C"],
    bound: ["C"],
    live: undefined,
    allowDurableObjectDeletion: [],
    ...parts,
  });
}

describe("what is sent", () => {
  test("a new Worker gets the classes of the end, under their last names", () => {
    expect(plan({})).toEqual({ newTag: "v3", steps: [{ newSqliteClasses: ["C"] }] });
  });

  test("a deployed Worker gets the steps after its tag, and says which tag it must have", () => {
    const live = { migrationTag: "v1", classes: ["A"] };
    expect(plan({ live })).toEqual({
      oldTag: "v1",
      newTag: "v3",
      steps: [{ renamedClasses: [{ from: "A", to: "C" }] }],
    });
  });

  test("an up-to-date Worker gets none", () => {
    expect(plan({ live: { migrationTag: "v3", classes: ["C"] } })).toBeUndefined();
  });

  test("a Worker without any Durable Object tag gets every class", () => {
    const live = { migrationTag: undefined, classes: [] };
    expect(plan({ live })?.steps).toEqual([{ newSqliteClasses: ["C"] }]);
  });

  test("a deletion is sent when the setting names the class", () => {
    const live = { migrationTag: "v2", classes: ["B", "C"] };
    expect(plan({ live, allowDurableObjectDeletion: ["B"] })).toEqual({
      oldTag: "v2",
      newTag: "v3",
      steps: [{ deletedClasses: ["B"] }],
    });
  });
});

describe("what this project's own Worker is sent", () => {
  const classes = Object.values(durableObjectBindings);
  const own = (tag: string, existing: readonly string[]) =>
    plan({
      history: durableObjectHistory,
      exported: classes,
      bound: classes,
      live: { migrationTag: tag, classes: existing },
    });

  test.each([
    ["v1", ["McpSession"], ["PersonState", "TokenGate", "Throttle", "PurgeRun", "Transaction"]],
    ["v2", ["McpSession", "PersonState"], ["TokenGate", "Throttle", "PurgeRun", "Transaction"]],
  ])("one that was deployed with %s gets what came after it", (oldTag, existing, created) => {
    const newTag = durableObjectHistory.at(-1)?.tag;
    const steps = [{ newSqliteClasses: created }];
    expect(own(oldTag, existing)).toEqual({ oldTag, newTag, steps });
  });

  test("one of today gets nothing", () => {
    expect(own(durableObjectHistory.at(-1)?.tag ?? "", classes)).toBeUndefined();
  });
});

describe("what is refused", () => {
  test("a live tag that the history does not know", () => {
    expect(() => plan({ live: { migrationTag: "other", classes: ["C"] } })).toThrowError(
      /tag "other", which .* does not know\. Deploy from the checkout that made it/,
    );
  });

  test("a class that is exported and was never declared", () => {
    expect(() => plan({ exported: ["C", "Stray"] })).toThrowError(
      /exports "Stray", which worker\/durable-objects\.ts does not create, .*\. Add a step/,
    );
  });

  test("a class that is declared and not exported", () => {
    expect(() => plan({ exported: [] })).toThrowError(/"C" is declared and .* does not export it/);
  });

  test("a deleted class that is still bound", () => {
    expect(() => plan({ bound: ["C", "B"] })).toThrowError(
      /durableObjectBindings names "B", which no step creates, or a later one removes/,
    );
  });

  test("a history that was edited behind the live tag", () => {
    expect(() => plan({ live: { migrationTag: "v2", classes: ["A", "B"] } })).toThrowError(
      /has the classes "A", "B"; .* it would have "C", "B" at that tag\. A step .* has been edited/,
    );
  });

  test("a deletion that nobody allowed, with what it costs", () => {
    expect(() => plan({ live: { migrationTag: "v2", classes: ["B", "C"] } })).toThrowError(
      /allowDurableObjectDeletion: .*deletes "B" with all stored data, .* gone for good/,
    );
  });

  test("the deletion of two classes, with a command for each", () => {
    const both = [...history.slice(0, 2), { tag: "v3", delete: ["B", "C"] }];
    const live = { migrationTag: "v2", classes: ["B", "C"] };
    const parts = { history: both, exported: [], bound: [], live };
    expect(() => plan({ ...parts, allowDurableObjectDeletion: ["Old"] })).toThrowError(
      /Deletion\[1\]' C` and `npx pulumi config set -s <stack> --path 'allowDurableObjectDeletion\[2\]' B`/,
    );
  });

  test.each([
    ["two steps of one tag", [{ tag: "v1", create: ["A"] }, { tag: "v1" }], /has this tag/],
    ["a step without a tag", [{ tag: "" }], /needs a tag/],
    ["a class that is created twice", [{ tag: "v1", create: ["A", "A"] }], /names "A" twice/],
    [
      "a class that exists already",
      [
        { tag: "v1", create: ["A"] },
        { tag: "v2", create: ["A"] },
      ],
      /step "v2": "A" exists already/,
    ],
    ["a rename of nothing", [{ tag: "v1", rename: [{ from: "A", to: "B" }] }], /does not exist/],
    ["a deletion of nothing", [{ tag: "v1", delete: ["A"] }], /"A" does not exist/],
  ])("%s", (_name, wrong, message) => {
    expect(() => plan({ history: wrong })).toThrowError(message);
  });
});
