import { expect, test } from "vitest";
import type { Bundle } from "../../infra/bundle.ts";
import { type SettingName, secretSettings, settingsSchema } from "../../infra/settings.ts";
import { bundleOnce } from "../../tests/support/bundle-once.ts";
import { StackModel } from "../../tests/support/stack-model.ts";
import { toBindingName } from "../../worker/kit/needs.ts";
import type { DeclaredResource } from "./declared-resource.ts";

type Values = Readonly<Record<string, string>>;

/** A stack before and after one setting changed. */
type Change = readonly [after: Values, before?: Values];

const domain = { customDomain: "mcp.example.com", zone: "example.com" };
const github = { identityMethod: "github", githubClientId: "Iv1" };
const oidc = { identityMethod: "oidc", oidcIssuer: "https://a.example", oidcClientId: "c" };
const access = { identityMethod: "access", accessTeamDomain: "a.cloudflareaccess.com" };
const tag = "0123456789abcdef".repeat(4);
const byHand = { ...access, accessAudience: tag };
const namespace = "f".repeat(32);

/** What a setting is changed from and to; without the former, from its default. */
const changes: Readonly<Record<SettingName, Change | "refuses only">> = {
  environment: [{ environment: "preview" }],
  scriptName: [{ scriptName: "other" }],
  accountId: [{ accountId: "9".repeat(32) }],
  publicUrl: [{ publicUrl: "https://mcp.example.com" }],
  workersDev: [{ ...domain, workersDev: "false" }, domain],
  customDomain: [domain, { zone: "example.com" }],
  zone: [{ ...domain, zone: "mcp.example.com" }, domain],
  routes: [{ ...domain, routes: '["mcp.example.com/*"]' }, domain],
  allowOriginChange: "refuses only",
  allowedOrigins: [{ allowedOrigins: '["app.example.com"]' }],
  compatibilityDate: [{ compatibilityDate: "2026-07-01" }],
  bundleBudget: "refuses only",
  observabilitySampling: [{ observabilitySampling: "0.5" }],
  serverName: [{ serverName: "other" }],
  serverTitle: [{ serverTitle: "Other" }],
  serverInstructions: [{ serverInstructions: "Add." }],
  serverIcon: [{ serverIcon: "https://example.com/icon.svg" }],
  identityMethod: [github],
  githubClientId: [{ ...github, githubClientId: "Iv2" }, github],
  oidcIssuer: [{ ...oidc, oidcIssuer: "https://b.example" }, oidc],
  oidcClientId: [{ ...oidc, oidcClientId: "d" }, oidc],
  oidcGroupsClaim: [{ ...oidc, oidcGroupsClaim: "roles" }, oidc],
  accessTeamDomain: [{ ...byHand, accessTeamDomain: "b.cloudflareaccess.com" }, byHand],
  accessAudience: [{ ...access, accessAudience: tag.replaceAll("0", "f") }, byHand],
  allowedEmails: [{ ...github, allowedEmails: '["ada@example.com"]' }, github],
  allowedDomains: [{ ...github, allowedDomains: '["example.com"]' }, github],
  allowedOrganizations: [{ ...github, allowedOrganizations: '["acme/platform"]' }, github],
  scopesByGroup: [{ scopesByGroup: JSON.stringify({ "*": ["demo:use"] }) }],
  enterpriseIssuers: [
    {
      enterpriseIssuers: JSON.stringify([
        {
          issuer: "https://acme.okta.com",
          jwksUrl: "https://acme.okta.com/keys",
          clientIds: ["chat"],
          scopes: ["demo:use"],
        },
      ]),
    },
  ],
  accessTokenLifetime: [{ accessTokenLifetime: "600" }],
  refreshTokenIdleLifetime: [{ refreshTokenIdleLifetime: "86400" }],
  refreshTokenLifetime: [{ refreshTokenLifetime: "31536000" }],
  strictRevocation: [{ strictRevocation: "true" }],
  personalTokens: [{ personalTokens: "90" }],
  personalTokenSignIn: [
    { personalTokens: "90", personalTokenSignIn: "7" },
    { personalTokens: "90" },
  ],
  clientIdMetadataDocuments: [{ clientIdMetadataDocuments: "false" }],
  clientDomains: [{ clientDomains: '["claude.ai"]' }],
  dynamicClientRegistration: [{ dynamicClientRegistration: "false" }],
  preRegisteredClients: [
    {
      preRegisteredClients:
        '[{"clientId":"acme","name":"Acme","redirectUris":["https://acme.example/cb"]}]',
    },
  ],
  machineClients: [{ machineClients: '[{"name":"ci","scopes":["demo:use"],"secrets":[1]}]' }],
  authorizationsPerMinute: [{ authorizationsPerMinute: "7" }],
  signInsPerMinute: [{ signInsPerMinute: "7" }],
  tokenRequestsPerMinute: [{ tokenRequestsPerMinute: "7" }],
  registrationsPerMinute: [{ registrationsPerMinute: "7" }],
  registrationsPerDay: [{ registrationsPerDay: "7" }],
  personDataLimit: [{ personDataLimit: "1024" }],
  personDataIdleLifetime: [{ personDataIdleLifetime: "3600" }],
  hideUngrantedTools: [{ hideUngrantedTools: "true" }],
  purgeSchedule: [{ purgeSchedule: "0 4 * * *" }],
  kvNamespaceId: [{ kvNamespaceId: namespace }],
  kvProtection: [{ kvProtection: "true" }],
  keyGeneration: [{ keyGeneration: "2" }],
  allowDurableObjectDeletion: "refuses only",
  adopted: [{ adopted: '{"tag":"w1"}' }],
  inheritedBindings: [{ inheritedBindings: '["COOKIE_ENCRYPTION_KEY"]' }],
  legacyGrantResource: [{ legacyGrantResource: "sse" }],
  allowToolDataDeletion: "refuses only",
};

/** The secrets that these stacks cannot be without, and none beside the one that a test is about. */
const secrets = {
  githubClientSecret: "s",
  oidcClientSecret: "s",
  demoPassword: "twelve letters",
};

const made = bundleOnce();

/** What a first `up` of a stack declares. */
async function declare(values: Values, given: Values = secrets) {
  const stack = new StackModel();
  stack.namespaces.push({ id: namespace, title: "older", isEmpty: false });
  const bundle = async (): Promise<Bundle> => made;
  return (await stack.up({ values, secrets: given, parts: { bundle } })).resources;
}

/** What Cloudflare and the engine are told, without the generated keys, which differ each time. */
function summarize(resources: readonly DeclaredResource[]): string {
  const parts = resources.map(({ name, inputs, provider, options }) => {
    const { protect, retainOnDelete, import: id } = options;
    return { name, inputs, provider, protect, retainOnDelete, id };
  });
  return JSON.stringify(parts).replaceAll(/(?<=[" ])[\w-]{43}(?=[" ])/g, "(key)");
}

function listBindings(resources: readonly DeclaredResource[]) {
  const worker = resources.find(({ name }) => name === "worker");
  return worker?.inputs.bindings as readonly {
    readonly name: string;
    readonly type: string;
    readonly text?: string;
    readonly json?: string;
  }[];
}

test("every setting changes what is deployed, or only refuses", { timeout: 900_000 }, async () => {
  expect(Object.keys(changes)).toEqual(Object.keys(settingsSchema.shape));
  const [first, second] = [await declare({}), await declare({})].map(summarize);
  expect(first === second, "the same settings").toBe(true);
  for (const [name, change] of Object.entries(changes)) {
    if (change === "refuses only") continue;
    const [after, before = {}] = change;
    const [one, other] = [await declare(before), await declare(after)];
    expect(summarize(other) === summarize(one), name).toBe(false);
  }
});

test("every secret setting becomes a binding, and shows in nothing", {
  timeout: 900_000,
}, async () => {
  const canary = "canary-".padEnd(40, "x");
  for (const name of Object.keys(secretSettings)) {
    const binding = toBindingName(name);
    expect(listBindings(await declare({}, {})).map((each) => each.name)).not.toContain(binding);
    const resources = await declare({}, { [name]: canary });
    expect(listBindings(resources)).toContainEqual({
      name: binding,
      type: "secret_text",
      text: canary,
    });
    expect(JSON.stringify(resources.map(({ clear }) => clear)), name).not.toContain(canary);
  }
});

test("the Worker is told who signs people in, whom to let in and whom it knows", async () => {
  const readSettings = async (values: Values) => {
    const bindings = listBindings(await declare(values));
    return JSON.parse(bindings.find(({ name }) => name === "SETTINGS")?.json ?? "") as unknown;
  };
  const acme = { clientId: "acme", name: "Acme", redirectUris: ["http://localhost/cb"] };
  const lists = {
    allowedEmails: '["Ada@Example.com"]',
    allowedDomains: '["example.com"]',
    allowedOrganizations: '["acme"]',
    preRegisteredClients: JSON.stringify([acme]),
    strictRevocation: "true",
    registrationsPerDay: "9",
  };
  expect(await readSettings({ ...github, ...lists })).toMatchObject({
    identity: { method: "github", githubClientId: "Iv1" },
    allowed: {
      emails: ["ada@example.com"],
      domains: ["example.com"],
      organizations: ["acme"],
    },
    clients: { preRegistered: [acme], registrationsPerDay: 9 },
    tokens: { strictRevocation: true },
  });
  expect(await readSettings(oidc)).toMatchObject({
    identity: { method: "oidc", oidcIssuer: "https://a.example", oidcClientId: "c" },
  });
  const bindings = listBindings(await declare(byHand));
  expect(bindings).toContainEqual({ name: "ACCESS_AUDIENCE", type: "secret_text", text: tag });
});
