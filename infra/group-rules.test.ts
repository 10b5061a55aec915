import { expect, test } from "vitest";
import { scopes } from "../tests/fixture/scopes.ts";
import { readSettings } from "./read-settings.ts";
import { collectNeeds } from "./tool-needs.ts";

/** What is read of a stack with these settings, whose server has the fixture's scopes. */
function read(scopesByGroup: unknown, identity: Record<string, string> = {}) {
  const settings = { scopesByGroup: JSON.stringify(scopesByGroup), ...identity };
  const values = Object.fromEntries(
    Object.entries({ ...settings, githubClientSecret: "s", oidcClientSecret: "s" }).map(
      ([name, value]) => [`acme:${name}`, value],
    ),
  );
  const config = { project: "acme", values, isSecret: (key: string) => key.endsWith("Secret") };
  return readSettings(config, collectNeeds([], { settings: [], bindings: [] }, scopes)).settings;
}

const github = { identityMethod: "github", githubClientId: "Iv1" };
const oidc = { identityMethod: "oidc", oidcIssuer: "https://a.example", oidcClientId: "c" };

test("who may have a scope may have what it includes", () => {
  const given = { "*": ["demo:use"], "acme/platform": ["demo:write", "demo:use"] };
  expect(read(given, github).scopesByGroup).toEqual({
    "*": ["demo:use"],
    "acme/platform": ["demo:write", "demo:read", "demo:use"],
  });
});

test("a group of an OpenID provider may have any name, and everybody may be all there is", () => {
  expect(read({ "Team A, London": ["demo:use"] }, oidc).scopesByGroup).toBeDefined();
  expect(read({ "*": ["demo:use"] }).scopesByGroup).toBeDefined();
});

test.each([
  [{ "*": ["demo:used"] }, {}, "has none of this name. It has: demo:use, demo:profile"],
  [{ "*": ["demo:read"] }, {}, '"*" may have none of the scopes that clients ask for first'],
  [
    { acme: ["demo:read"] },
    github,
    '"acme" may have none of the scopes that clients ask for first',
  ],
  [{ acme: ["demo:use"] }, {}, '"demo" knows no groups'],
  [{ "Team A": ["demo:use"] }, github, '"Team A" must be an organisation at GitHub'],
  [{ acme: [] }, github, "scopesByGroup.acme: "],
  [{ acme: "demo:use" }, github, "scopesByGroup.acme: "],
  [["demo:use"], github, "scopesByGroup: "],
])("%j is refused with the setting's name: %s", (given, identity, words) => {
  expect(() => read(given, identity)).toThrow(words);
});

test("the claim of groups belongs to the method that has it", () => {
  expect(() => read({ "*": ["demo:use"] }, { ...github, oidcGroupsClaim: "roles" })).toThrow(
    'oidcGroupsClaim: it belongs to the identity method "oidc"',
  );
});
