import { expect, test } from "vitest";
import { settingsSchema } from "../../../infra/settings.ts";
import { createAdoptionMark, formatAdoptionMark, parseAdoptionMark } from "./adoption-mark.ts";

const planned = { scriptName: "parrot", workersDev: true, zone: "example.com" };

test("a mark names what adopt added, over runs that were interrupted, and reads back", () => {
  const first = createAdoptionMark(undefined, true, planned, new Set(["zone"]));
  expect(first).toEqual({
    madeStack: true,
    settings: ["scriptName", "workersDev"],
    overwritten: [],
  });
  // The second run finds the stack and the settings of the first.
  const found = new Set(Object.keys(planned));
  const second = createAdoptionMark(
    parseAdoptionMark(formatAdoptionMark(first)),
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
  expect(parseAdoptionMark(formatAdoptionMark(second))).toEqual(second);
  expect(parseAdoptionMark(undefined)).toBeUndefined();
  expect(parseAdoptionMark("something else")).toBeUndefined();
  expect(
    parseAdoptionMark(formatAdoptionMark({ madeStack: false, settings: [], overwritten: [] })),
  ).toEqual({
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
  expect(
    formatAdoptionMark(createAdoptionMark(undefined, true, most, new Set())).length,
  ).toBeLessThanOrEqual(256);
});
