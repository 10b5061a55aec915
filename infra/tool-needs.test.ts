import { expect, test } from "vitest";
import { readSettings } from "./read-settings.ts";
import { collectNeeds } from "./tool-needs.ts";

const tools = [
  { name: "issues", needs: { upstreamToken: { reason: "it files issues", scopes: ["repo"] } } },
];

function read(values: Readonly<Record<string, string>>, secret = "none") {
  const config = {
    project: "p",
    values: Object.fromEntries(Object.entries(values).map(([name, text]) => [`p:${name}`, text])),
    isSecret: (key: string) => key === `p:${secret}`,
  };
  return readSettings(config, collectNeeds(tools, { settings: [], bindings: [] }));
}

test("a tool that needs a token of the sign-in service needs a stack with such a service", () => {
  expect(() => read({ identityMethod: "demo" })).toThrowError(
    /identityMethod: the tool "issues" needs a token .*\(it files issues\), and "demo" has none\. Set github or oidc/,
  );
  const github = { identityMethod: "github", githubClientId: "x", githubClientSecret: "s" };
  expect(read(github, "githubClientSecret").settings.identityMethod).toBe("github");
});

test("a tool with a scope that the catalogue lacks is refused, and one without a scope is not", () => {
  const catalogue = { "issues:read": { words: "Read issues", isBase: true } };
  const collect = (scope?: string) =>
    collectNeeds(
      [{ name: "issues", ...(scope && { scope }) }],
      { settings: [], bindings: [] },
      catalogue,
    );
  expect(() => collect("issues:write")).toThrowError(
    /"issues" needs the scope "issues:write", and the catalogue has none of this name\. Add it to worker\/scopes\.ts, or use one of these: issues:read\./,
  );
  expect(collect("issues:read").secrets.size).toBe(0);
  expect(collect().secrets.size).toBe(0);
});
