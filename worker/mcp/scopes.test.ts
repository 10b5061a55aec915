import { expect, test } from "vitest";
import { scopes } from "../scopes.ts";
import { findMissingScopes, isGranted, listBaseScopes, selectScopes } from "./scopes.ts";

test("a client gets the scopes it asked for, and unknown ones are left out", () => {
  expect(selectScopes(scopes, ["openid", "math:use", "offline_access"])).toEqual(["math:use"]);
});

test("a client that asks for nothing we have is offered the base scopes", () => {
  expect(selectScopes(scopes, [])).toEqual(listBaseScopes(scopes));
  expect(selectScopes(scopes, ["admin"])).toEqual(listBaseScopes(scopes));
});

test("a scope includes the weaker one, and not the reverse", () => {
  expect(isGranted(scopes, ["memory:write"], "memory:read")).toBe(true);
  expect(isGranted(scopes, ["memory:read"], "memory:write")).toBe(false);
  expect(isGranted(scopes, [], "math:use")).toBe(false);
});

test("a challenge names what is missing beside all that was granted, in the catalogue's order", () => {
  expect(findMissingScopes(scopes, ["profile:read", "math:use"], "memory:read")).toEqual([
    "math:use",
    "profile:read",
    "memory:read",
  ]);
  expect(findMissingScopes(scopes, ["memory:write"], "memory:read")).toBeUndefined();
  expect(findMissingScopes(scopes, ["admin"], "math:use")).toEqual(["math:use"]);
});
