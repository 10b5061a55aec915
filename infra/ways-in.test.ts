import { expect, test } from "vitest";
import { features } from "../tests/fixture/features.ts";
import { readSettings } from "./read-settings.ts";
import { collectNeeds } from "./tool-needs.ts";
import { guessWaysIn, listWaysIn, type WayIn } from "./ways-in.ts";

const machines = [{ name: "ci", scopes: ["demo:use"], secrets: [1] }];
const issuers = [
  {
    issuer: "https://acme.okta.com",
    jwksUrl: "https://acme.okta.com/keys",
    clientIds: ["https://chat.example/client"],
    scopes: ["demo:use"],
  },
];

test.for<[Record<string, string>, readonly WayIn[]]>([
  [{}, ["demo"]],
  [{ identityMethod: "", personalTokens: "", machineClients: "" }, ["demo"]],
  [{ personalTokens: "false", machineClients: "[]", enterpriseIssuers: "[]" }, ["demo"]],
  [{ identityMethod: "oidc", oidcIssuer: "https://a.example", oidcClientId: "x" }, ["oidc"]],
  [{ personalTokens: "90" }, ["demo", "personal-tokens"]],
  [{ machineClients: JSON.stringify(machines) }, ["demo", "machines"]],
  [{ enterpriseIssuers: JSON.stringify(issuers) }, ["demo", "companies"]],
  [
    {
      enterpriseIssuers: JSON.stringify(issuers),
      machineClients: JSON.stringify(machines),
      personalTokens: "1",
    },
    ["demo", "personal-tokens", "machines", "companies"],
  ],
])("the settings %o name the ways in %o, and whoever bundles ahead guesses them", ([own, ways]) => {
  const values = Object.fromEntries(
    Object.entries(own).map(([name, value]) => [`acme:${name}`, value]),
  );
  const secrets = own.identityMethod === "oidc" ? { "acme:oidcClientSecret": "s".repeat(40) } : {};
  const { settings } = readSettings(
    {
      project: "acme",
      values: { ...values, ...secrets },
      isSecret: (key) => key in secrets,
    },
    collectNeeds(features.tools, { settings: [], bindings: [] }, features.scopes),
  );
  expect(listWaysIn(settings)).toEqual(ways);
  expect(guessWaysIn("acme", values)).toEqual(ways);
});
