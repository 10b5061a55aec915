import { expect, test } from "vitest";
import { durableObjectBindings, durableObjectHistory } from "../worker/durable-objects.ts";
import type { DeployedWorker } from "./account.ts";
import { type Adopted, createHistory } from "./adopted-history.ts";
import { planMigrations } from "./durable-objects.ts";
import { followClasses } from "./lifecycle.ts";

const own = Object.values(durableObjectBindings);
const last = String(durableObjectHistory.at(-1)?.tag);

/** What the next upload of an adopted Worker sends. */
function plan(
  adopted: Adopted,
  live: DeployedWorker | undefined,
  {
    history = durableObjectHistory,
    classes = own as readonly string[],
    allowed = [] as string[],
  } = {},
) {
  const { steps, untaggedSteps, stubs } = createHistory(history, adopted);
  return planMigrations({
    history: steps,
    untaggedSteps,
    exported: [...classes, ...stubs],
    bound: classes,
    live,
    allowDurableObjectDeletion: allowed,
  });
}

/** The classes in the order in which the history makes them. */
const made = followClasses([], durableObjectHistory).map(({ name }) => name);

const demo = { tag: "v1", classes: ["MyMCP"] };

test("the first upload to an adopted Worker adds this project's classes to its own, under tags of their own", () => {
  expect(plan(demo, { migrationTag: "v1", classes: ["MyMCP"] })).toEqual({
    oldTag: "v1",
    newTag: `adopted-${last}`,
    steps: [{ newSqliteClasses: made }],
  });
});

test("a Worker whose classes came without a tag is taken as it is", () => {
  const live = { migrationTag: undefined, classes: ["MyMCP"] };
  expect(plan({ classes: ["MyMCP"] }, live)).toEqual({
    newTag: `adopted-${last}`,
    steps: [{ newSqliteClasses: made }],
  });
  expect(() => plan({ classes: ["Other"] }, live)).toThrow(/has the classes "MyMCP"/);
});

test("a Worker with a tag and no classes is taken as it is", () => {
  const live = { migrationTag: "v7", classes: [] };
  expect(plan({ tag: "v7", classes: [] }, live)).toMatchObject({ oldTag: "v7" });
});

test("the old classes go only after the named step, and only where that is allowed", () => {
  const live = { migrationTag: `adopted-${last}`, classes: [...own, "MyMCP"] };
  const deleting = { ...demo, deleteAfter: last };
  expect(plan(demo, live)).toBeUndefined();
  expect(() => plan(deleting, live)).toThrow(/deletes "MyMCP" with all stored data/);
  expect(plan(deleting, live, { allowed: ["MyMCP"] })).toEqual({
    oldTag: `adopted-${last}`,
    newTag: `adopted-${last}-deleted`,
    steps: [{ deletedClasses: ["MyMCP"] }],
  });
});

test("a step that the project adds later comes after the deletion, which stays where it was", () => {
  const history = [...durableObjectHistory, { tag: "v99", create: ["Later"] }];
  const live = { migrationTag: `adopted-${last}-deleted`, classes: own };
  const later = { history, classes: [...own, "Later"] };
  expect(plan({ ...demo, deleteAfter: last }, live, later)).toEqual({
    oldTag: `adopted-${last}-deleted`,
    newTag: "adopted-v99",
    steps: [{ newSqliteClasses: ["Later"] }],
  });
});

test("a deletion in the midst of what is deployed is refused, and so is a step that is not there", () => {
  const live = { migrationTag: `adopted-${last}`, classes: [...own, "MyMCP"] };
  const allowed = { allowed: ["MyMCP"] };
  expect(() => plan({ ...demo, deleteAfter: "v1" }, live, allowed)).toThrow(
    /deleteAfter names the last step/,
  );
  expect(() => plan({ ...demo, deleteAfter: "v77" }, live, allowed)).toThrow(
    `has no step "v77". Name the last one, ${last},`,
  );
});

test("a class that has the name of one of this project's is refused, with the way out", () => {
  expect(() => createHistory(durableObjectHistory, { classes: ["McpSession"] })).toThrow(
    /"McpSession" is also the name.*renamed_classes keeps its objects/,
  );
});
