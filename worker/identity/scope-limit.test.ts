import { expect, test } from "vitest";
import {
  dropImpossible,
  findMostScopes,
  limitScopes,
  listGroupNames,
  pickGroups,
} from "./scope-limit.ts";

const scopesByGroup = {
  "*": ["demo:use"],
  "acme/platform": ["demo:write", "demo:read"],
  support: ["demo:read"],
};
const settings = { scopesByGroup };

test.each([
  [[], ["demo:use"]],
  [["support"], ["demo:use", "demo:read"]],
  [
    ["acme/platform", "support"],
    ["demo:use", "demo:write", "demo:read"],
  ],
  [["Support"], ["demo:use"]],
  [["acme"], ["demo:use"]],
  [["constructor", "__proto__"], ["demo:use"]],
])("a person in %j may have at most %j", (groups, most) => {
  expect(findMostScopes({ groups }, settings)).toEqual(most);
});

test("without limits everybody may have everything, and with an empty one nobody anything", () => {
  expect(findMostScopes({}, {})).toBeUndefined();
  expect(limitScopes(["demo:use"], {}, {})).toEqual(["demo:use"]);
  expect(limitScopes(["demo:use"], {}, { scopesByGroup: {} })).toEqual([]);
});

test("scopes are cut in the order in which they were asked for", () => {
  const asked = ["demo:read", "demo:profile", "demo:use"];
  expect(limitScopes(asked, { groups: ["support"] }, settings)).toEqual(["demo:read", "demo:use"]);
  expect(dropImpossible(asked, settings)).toEqual(["demo:read", "demo:use"]);
});

test.each([
  [
    ["support", "acme/platform", "other"],
    ["acme/platform", "support"],
  ],
  ["support", ["support"]],
  [undefined, []],
  [{ support: true }, []],
  [[["support"], { name: "support" }, "*"], []],
])("of what a provider says, %j, only named groups are kept: %j", (value, kept) => {
  expect(pickGroups(settings, value)).toEqual(kept);
  expect(listGroupNames(settings)).toEqual(["acme/platform", "support"]);
});
