import { expect, test } from "vitest";
import { settingsSchema } from "../../../infra/settings.ts";
import { createMark, formatMark, parseMark } from "./adoption-mark.ts";

const planned = { scriptName: "parrot", workersDev: true, zone: "example.com" };

test("a mark names what adopt added, over runs that were interrupted, and reads back", () => {
  const first = createMark(undefined, true, planned, new Set(["zone"]));
  expect(first).toEqual({
    madeStack: true,
    settings: ["scriptName", "workersDev"],
    overwritten: [],
  });
  // The second run finds the stack and the settings of the first.
  const found = new Set(Object.keys(planned));
  const second = createMark(
    parseMark(formatMark(first)),
    false,
    { ...planned, routes: [] },
    found,
    ["zone", "workersDev"],
  );
  expect(second).toEqual({
    madeStack: true,
    settings: ["scriptName", "workersDev", "routes"],
    overwritten: ["zone"],
  });
  expect(parseMark(formatMark(second))).toEqual(second);
  expect(parseMark(undefined)).toBeUndefined();
  expect(parseMark("something else")).toBeUndefined();
  expect(parseMark(formatMark({ madeStack: false, settings: [], overwritten: [] }))).toEqual({
    madeStack: false,
    settings: [],
    overwritten: [],
  });
});

test("a mark fits into a tag of Pulumi Cloud, whatever adopt adds", () => {
  const most = Object.fromEntries(
    [
      ...["scriptName", "workersDev", "customDomain", "publicUrl", "zone", "routes"],
      ...["purgeSchedule", "kvProtection", "adopted", "inheritedBindings", "legacyGrantResource"],
    ].map((name) => [name, ""]),
  );
  expect(Object.keys(most).filter((name) => !(name in settingsSchema.shape))).toEqual([]);
  expect(formatMark(createMark(undefined, true, most, new Set())).length).toBeLessThanOrEqual(256);
});
