import { describe, expect, test } from "vitest";
import { scopes } from "../../../tests/fixture/scopes.ts";
import { type AccessSettings, describeAccess } from "./describe-access.ts";
import { formatAccess } from "./who.ts";

const settings: AccessSettings = {
  identityMethod: "github",
  allowedEmails: ["Ada@Example.com"],
  allowedDomains: ["acme.example"],
  allowedOrganizations: ["acme"],
  scopesByGroup: { "*": ["demo:use"], "acme/platform": ["demo:write"] },
};
const nobody = { ...settings, allowedEmails: [], allowedDomains: [], allowedOrganizations: [] };

function describeOne(email: string, groups: readonly string[] = [], given = settings) {
  return describeAccess(given, { email, groups }, scopes);
}

describe("whether somebody may sign in, and why", () => {
  test.each([
    ["ada@example.com", [], true, "allowedEmails has the address"],
    ["eve@acme.example", [], true, "allowedDomains has the address's domain"],
    ["eve@example.com", ["acme"], true, "allowedOrganizations has acme"],
    ["eve@example.com", ["acme/platform"], false, "no allow-list has"],
    ["eve@notacme.example", [], false, "no allow-list has"],
  ])("%s in %j: %s", (email, groups, mayEnter, because) => {
    const access = describeOne(email, groups);
    expect(access.mayEnter).toBe(mayEnter);
    expect(access.because).toContain(because);
  });

  test("without lists everybody may", () => {
    expect(describeOne("eve@example.com", [], nobody)).toMatchObject({
      mayEnter: true,
      because: "no allow-list, so everybody whom github knows",
    });
  });
});

test("the scopes are those that the server would give, with what they include", () => {
  expect(describeOne("ada@example.com").scopes).toEqual(["demo:use"]);
  const inGroup = describeOne("ada@example.com", ["acme/platform", "other"]);
  expect(inGroup.scopes).toEqual(["demo:use", "demo:write", "demo:read"]);
  expect(inGroup.unknownGroups).toEqual(["other"]);
  const { scopesByGroup: _, ...without } = settings;
  expect(describeAccess(without, { email: "a@b.example", groups: [] }, scopes).scopes).toEqual(
    Object.keys(scopes),
  );
});

test("what is printed cannot steer a terminal, and names no scope of who may not enter", () => {
  const somebody = { email: "eve@example.com", groups: ["\u001b[31mred"] };
  const text = formatAccess(describeAccess(settings, somebody, scopes), somebody, "prod");
  expect(text).not.toContain("\u001b");
  expect(text).toMatch(/Sign-in +no: no allow-list/);
  expect(text).toMatch(/Scopes at most +none/);
  expect(text).toMatch(/acme\/platform +demo:write, demo:read/);
  expect(text).toContain("No setting names");
});
