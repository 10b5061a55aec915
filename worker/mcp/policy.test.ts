import { expect, test } from "vitest";
import { baseScopes, findMissingScopes, isGranted, selectScopes } from "./policy.ts";

test("a client gets the scopes it asked for, and unknown ones are left out", () => {
  expect(selectScopes(["openid", "math:use", "offline_access"])).toEqual(["math:use"]);
});

test("a client that asks for nothing we have is offered the base scopes", () => {
  expect(selectScopes([])).toEqual(baseScopes);
  expect(selectScopes(["admin"])).toEqual(baseScopes);
});

test("a scope includes the weaker one, and not the reverse", () => {
  expect(isGranted(["memory:write"], "memory:read")).toBe(true);
  expect(isGranted(["memory:read"], "memory:write")).toBe(false);
  expect(isGranted([], "math:use")).toBe(false);
});

test("a challenge names what is missing beside all that was granted, in the catalogue's order", () => {
  expect(findMissingScopes(["profile:read", "math:use"], "memory:read")).toEqual([
    "math:use",
    "profile:read",
    "memory:read",
  ]);
  expect(findMissingScopes(["memory:write"], "memory:read")).toBeUndefined();
  expect(findMissingScopes(["admin"], "math:use")).toEqual(["math:use"]);
});
