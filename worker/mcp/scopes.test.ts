import { expect, test } from "vitest";
import { scopes } from "../../tests/fixture/scopes.ts";
import { findMissingScopes, isGranted, listBaseScopes, selectScopes } from "./scopes.ts";

test("a client gets the scopes it asked for, and unknown ones are left out", () => {
  expect(selectScopes(scopes, ["openid", "demo:use", "offline_access"])).toEqual(["demo:use"]);
});

test("a client that asks for nothing we have is offered the base scopes", () => {
  expect(selectScopes(scopes, [])).toEqual(listBaseScopes(scopes));
  expect(selectScopes(scopes, ["admin"])).toEqual(listBaseScopes(scopes));
});

test("a scope includes the weaker one, and not the reverse", () => {
  expect(isGranted(scopes, ["demo:write"], "demo:read")).toBe(true);
  expect(isGranted(scopes, ["demo:read"], "demo:write")).toBe(false);
  expect(isGranted(scopes, [], "demo:use")).toBe(false);
});

test("a challenge names what is missing beside all that was granted, in the catalogue's order", () => {
  expect(findMissingScopes(scopes, ["demo:profile", "demo:use"], "demo:read")).toEqual([
    "demo:use",
    "demo:profile",
    "demo:read",
  ]);
  expect(findMissingScopes(scopes, ["demo:write"], "demo:read")).toBeUndefined();
  expect(findMissingScopes(scopes, ["admin"], "demo:use")).toEqual(["demo:use"]);
});
