import { expect, test } from "vitest";
import { allScopes, selectScopes } from "./policy.ts";

test("a client gets the scopes it asked for, and unknown ones are left out", () => {
  expect(selectScopes(["openid", "math:use", "offline_access"])).toEqual(["math:use"]);
});

test("a client that asks for nothing we have is offered the base scopes", () => {
  expect(selectScopes([])).toEqual(allScopes);
  expect(selectScopes(["admin"])).toEqual(allScopes);
});
