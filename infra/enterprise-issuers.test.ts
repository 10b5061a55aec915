import { expect, test } from "vitest";
import { scopes } from "../tests/fixture/scopes.ts";
import { toEnterpriseSettings } from "./enterprise-issuers.ts";
import { readSettings } from "./read-settings.ts";
import { collectNeeds } from "./tool-needs.ts";

const acme = {
  issuer: "https://acme.okta.com",
  jwksUrl: "https://acme.okta.com/oauth2/v1/keys",
  clientIds: ["chat"],
  scopes: ["demo:write"],
};
const chat = { clientId: "chat", name: "Chat", redirectUris: ["https://chat.example/callback"] };

function read(enterpriseIssuers: unknown, preRegisteredClients: unknown = []) {
  const settings = { enterpriseIssuers, preRegisteredClients };
  const values = Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [`acme:${name}`, JSON.stringify(value)]),
  );
  const config = { project: "acme", values, isSecret: () => false };
  return readSettings(config, collectNeeds([], { settings: [], bindings: [] }, scopes)).settings;
}

test("the Worker is told of a company with all that its scopes include, and that nothing more is allowed", () => {
  const { enterpriseIssuers } = read([acme]);
  expect(toEnterpriseSettings(enterpriseIssuers)).toEqual([
    {
      issuer: acme.issuer,
      keysUrl: acme.jwksUrl,
      clientIds: ["chat"],
      scopes: ["demo:write", "demo:read"],
      domains: [],
      allowNoScope: false,
      allowPublicClients: false,
    },
  ]);
  expect(toEnterpriseSettings(read([]).enterpriseIssuers)).toBeUndefined();
});

test.each([
  [[{ ...acme, issuer: "http://acme.okta.com" }], "enterpriseIssuers.0.issuer: "],
  [[{ ...acme, jwksUrl: "keys" }], "enterpriseIssuers.0.jwksUrl: "],
  [[{ ...acme, clientIds: [] }], "enterpriseIssuers.0.clientIds: "],
  [[{ ...acme, scopes: [] }], "enterpriseIssuers.0.scopes: "],
  [[{ ...acme, domains: ["https://acme.example"] }], "enterpriseIssuers.0.domains.0: "],
  [
    [{ ...acme, scopes: ["demo:all"] }],
    'enterpriseIssuers.0.scopes: the server has no scope "demo:all"',
  ],
  [[acme, acme], 'enterpriseIssuers.1.issuer: "https://acme.okta.com" is there twice'],
  [[{ ...acme, jwks: "x" }], "enterpriseIssuers.0"],
])("%j is refused with the setting's name", (given, words) => {
  expect(() => read(given)).toThrow(words);
});

test("a client without a secret is refused, unless the setting allows it or it has one", () => {
  expect(() => read([acme], [chat])).toThrow(
    'enterpriseIssuers.0.clientIds: "chat" is a client without a secret',
  );
  expect(() => read([{ ...acme, allowPublicClients: true }], [chat])).not.toThrow();
  expect(() => read([acme], [{ ...chat, secretSha256: "0".repeat(64) }])).not.toThrow();
  expect(() => read([acme], [{ ...chat, secretSha256: "the secret" }])).toThrow(
    "preRegisteredClients.0.secretSha256: must be a SHA-256 digest",
  );
});

test("a company's groups may have any name, and stand beside a sign-in that knows none", () => {
  const values = {
    "acme:enterpriseIssuers": JSON.stringify([{ ...acme, groupsClaim: "groups" }]),
    "acme:scopesByGroup": JSON.stringify({ "Platform team": ["demo:use"] }),
  };
  const config = { project: "acme", values, isSecret: () => false };
  const needs = collectNeeds([], { settings: [], bindings: [] }, scopes);
  expect(() => readSettings(config, needs)).not.toThrow();
});
