import { describe, expect, test } from "vitest";
import * as z from "zod";
import type { ToolDeclaration } from "../worker/kit/needs.ts";
import { readSettings } from "./read-settings.ts";
import { collectNeeds } from "./tool-needs.ts";

const project = "remote-mcp-server";

interface Options {
  readonly secrets?: Record<string, string>;
  readonly tools?: readonly ToolDeclaration[];
}

function readAll(settings: Record<string, string>, options: Options = {}) {
  const { secrets = {}, tools = [] } = options;
  const entries = Object.entries({ ...settings, ...secrets });
  const values = Object.fromEntries(entries.map(([key, value]) => [`${project}:${key}`, value]));
  const config = {
    project,
    values: { ...values, "other:key": "is ignored" },
    isSecret: (key: string) => key.slice(project.length + 1) in secrets,
  };
  return readSettings(config, collectNeeds(tools, { settings: [], bindings: [] }));
}

function read(settings: Record<string, string>, options?: Options) {
  return readAll(settings, options).settings;
}

describe("what is read", () => {
  test("an empty stack is a development stack with the demo sign-in", () => {
    expect(read({})).toMatchObject({ environment: "development", identityMethod: "demo" });
  });

  test("values come as strings and are read as what they are; an empty one is none", () => {
    const settings = {
      workersDev: "false",
      publicUrl: "http://localhost:8787",
      accessTokenLifetime: "600",
      observabilitySampling: "0.25",
      allowedOrigins: '["app.example.com"]',
      scriptName: "",
      kvProtection: "true",
    };
    expect(read(settings)).toMatchObject({
      workersDev: false,
      accessTokenLifetime: 600,
      observabilitySampling: 0.25,
      allowedOrigins: ["app.example.com"],
      kvProtection: true,
    });
  });

  test.each(["http://localhost:8787", "http://127.0.0.1:1", "http://[::1]:2", "https://x.example"])(
    "publicUrl takes %s",
    (publicUrl) => {
      expect(read({ publicUrl }).publicUrl).toBe(publicUrl);
    },
  );

  test("a production stack with its own domain, routes and an OpenID provider", () => {
    const settings = {
      environment: "production",
      customDomain: "mcp.example.com",
      zone: "example.com",
      routes: '["mcp.example.com/api/*"]',
      identityMethod: "oidc",
      oidcIssuer: "https://accounts.example.com",
      oidcClientId: "client",
      allowedDomains: '["example.com"]',
      preRegisteredClients:
        '[{"clientId":"acme","name":"Acme","redirectUris":["https://acme.example/cb"]}]',
    };
    const secrets = { oidcClientSecret: "s3cret" };
    const result = readAll(settings, { secrets });
    expect(result.settings).toMatchObject({ customDomain: "mcp.example.com" });
    expect(result.secrets).toEqual(["oidcClientSecret"]);
    expect(JSON.stringify(result)).not.toContain("s3cret");
  });
});

test("all problems are told in one go, each with the setting, the reason and an example", () => {
  const settings = {
    environment: "prod",
    accessTokenLifetime: "5",
    scriptName: "-x",
    acountId: "1",
    oidcClientSecret: "in clear",
    preRegisteredClients: '[{"clientId":"acme"}]',
  };
  const message = String(catchError(() => read(settings)));
  const lines = message.split("\n").slice(1);
  expect(lines.map((line) => /- ([\w.]+):/.exec(line)?.[1]).sort()).toEqual([
    "accessTokenLifetime",
    "acountId",
    "environment",
    "oidcClientSecret",
    "preRegisteredClients.0.name",
    "preRegisteredClients.0.redirectUris",
    "scriptName",
  ]);
  expect(message).toMatch(/accessTokenLifetime: .*>=60.* \(it is "5"\)\. Example: 3600/);
  expect(message).not.toContain('in clear"');
});

function catchError(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

describe("what is refused, and the way out", () => {
  const oidc = { identityMethod: "oidc", oidcIssuer: "https://a.example", oidcClientId: "c" };
  const domain = { customDomain: "mcp.example.com", zone: "example.com" };
  const access = { identityMethod: "access", accessTeamDomain: "acme.cloudflareaccess.com" };
  const tag = "0123456789abcdef".repeat(4);
  const toClients = (...clients: object[]) =>
    JSON.stringify(
      clients.map((client) => ({
        clientId: "acme",
        name: "Acme",
        redirectUris: ["http://localhost/cb"],
        ...client,
      })),
    );
  const site = { publicUrl: "https://mcp.example.com", zone: "example.com" };

  test.each<[string, Record<string, string>, RegExp]>([
    [
      "a sign-in that checks nothing, in production",
      { environment: "production" },
      /identityMethod: "demo" signs anybody in, .* Choose another method, or set environment/,
    ],
    [
      "a secret that is missing",
      oidc,
      /oidcClientSecret: the identity method "oidc" needs it\. Set it with `npx pulumi config set -s <stack> --secret oidcClientSecret`/,
    ],
    [
      "a secret that is missing in a preview, which a runner has in a variable",
      { environment: "preview", ...oidc },
      /oidcClientSecret: .* Set it with the variable MCP_OIDC_CLIENT_SECRET, from which `preview up` takes it/,
    ],
    [
      "an option that is missing",
      { identityMethod: "github" },
      /githubClientId: .* needs it\. Set it/,
    ],
    [
      "a zone that is missing",
      { customDomain: "a.example.com" },
      /zone: the custom domain .* Name it/,
    ],
    [
      "a custom domain outside its zone",
      { ...domain, customDomain: "mcp.example.org" },
      /customDomain: mcp\.example\.org does not lie in the zone example\.com/,
    ],
    [
      "a zone that only ends alike",
      { ...domain, customDomain: "badexample.com" },
      /customDomain: badexample\.com does not lie in/,
    ],
    [
      "two public URLs",
      { ...domain, publicUrl: "https://other.example.com" },
      /publicUrl: .* disagree, and there is one public URL\. Remove publicUrl/,
    ],
    ["a route without a zone", { routes: '["a.example.com/*"]' }, /zone: routes lie in a zone/],
    [
      "a route outside its zone",
      { ...site, routes: '["mcp.example.org/*"]' },
      /routes: "mcp\.example\.org\/\*" does not lie in the zone example\.com/,
    ],
    [
      "a route on another host than the origin's",
      { ...site, routes: '["other.example.com/*"]' },
      /routes: "other\.example\.com\/\*" is not on the public URL's host mcp\.example\.com/,
    ],
    [
      "a route that is not a pattern",
      { ...site, routes: '["mcp.example.com"]' },
      /a host and a path/,
    ],
    [
      "routes without a public URL",
      { zone: "example.com", routes: '["a.example.com/*"]' },
      /routes: they need a public URL on the same host/,
    ],
    ["a stack without any address", { workersDev: "false" }, /workersDev: .*Set customDomain, or/],
    [
      "a public URL that nothing leads to",
      { publicUrl: "https://mcp.example.com", workersDev: "false" },
      /workersDev: with false nothing leads to the Worker/,
    ],
    [
      "a route that stands there twice",
      { ...site, routes: '["mcp.example.com/*", "mcp.example.com/*"]' },
      /routes: "mcp\.example\.com\/\*" is there twice/,
    ],
    [
      "an option of another identity method",
      { githubClientId: "Iv1" },
      /githubClientId: it belongs to the identity method "github", and this stack has "demo"/,
    ],
    [
      "a lifetime that KV cannot keep",
      { refreshTokenIdleLifetime: "59" },
      /refreshTokenIdleLifetime: /,
    ],
    [
      "a lifetime that is not a whole number",
      { accessTokenLifetime: "60.5" },
      /accessTokenLifetime: /,
    ],
    [
      "an access token that outlives its connection",
      { accessTokenLifetime: "3600", refreshTokenIdleLifetime: "600" },
      /accessTokenLifetime: 3600 s is longer than refreshTokenIdleLifetime/,
    ],
    [
      "an absolute lifetime below the idle one",
      { refreshTokenLifetime: "3600" },
      /refreshTokenLifetime: 3600 s is shorter than refreshTokenIdleLifetime/,
    ],
    [
      "a schedule that is not a cron expression",
      { purgeSchedule: "hourly" },
      /purgeSchedule: .*Example/,
    ],
    [
      "addresses that nobody verifies",
      { allowedEmails: '["ada@example.com"]' },
      /allowedEmails: "demo" verifies no address/,
    ],
    [
      "domains that nobody verifies",
      { allowedDomains: '["example.com"]' },
      /allowedDomains: "demo" verifies no address/,
    ],
    [
      "organisations that the method does not know",
      { ...oidc, allowedOrganizations: '["acme"]' },
      /allowedOrganizations: only the identity method "github" .* this stack has "oidc"/,
    ],
    [
      "an organisation that is none",
      { identityMethod: "github", allowedOrganizations: '["https://github.com/acme"]' },
      /allowedOrganizations: "https:\/\/github\.com\/acme" must be an organisation/,
    ],
    [
      "Access on workers.dev without its tag",
      access,
      /accessAudience: only on a custom domain .*authorize, authorize\/\*, connections/,
    ],
    [
      "an audience tag where the stack makes the application",
      { ...access, ...domain, accessAudience: tag },
      /accessAudience: on a custom domain this stack makes .* Remove it/,
    ],
    [
      "an audience tag for another method",
      { accessAudience: tag },
      /accessAudience: it belongs to the identity method "access"/,
    ],
    [
      "a team that is none of Access",
      { ...access, accessTeamDomain: "acme.example.com", accessAudience: tag },
      /accessTeamDomain: "acme\.example\.com" is not a Cloudflare Access team domain/,
    ],
    [
      "an audience tag that is none",
      { ...access, accessAudience: "acme" },
      /accessAudience: must be 64 characters of 0-9 and a-f \(it is "acme"\)\. Example: 0123/,
    ],
    ...["https://a.example/?tenant=1", "https://a.example/#x", "https://user:s3cret@a.example"].map(
      (oidcIssuer): [string, Record<string, string>, RegExp] => [
        `the issuer ${oidcIssuer}`,
        { ...oidc, oidcIssuer },
        /oidcIssuer: must have no user, no \?, no # and (?!.*s3cret).*Example/,
      ],
    ),
    [
      "an issuer in clear",
      { ...oidc, oidcIssuer: "http://a.example" },
      /oidcIssuer: must be an https/,
    ],
    [
      "a client whose id would end a key of the store",
      { preRegisteredClients: toClients({ clientId: "acme:1" }) },
      /preRegisteredClients\.0\.clientId: "acme:1" must be/,
    ],
    [
      "a client that looks like a metadata document",
      { preRegisteredClients: toClients({ clientId: "https://acme.example/client" }) },
      /preRegisteredClients\.0\.clientId: "https:\/\/acme\.example\/client" must be/,
    ],
    [
      "two clients of one id",
      { preRegisteredClients: toClients({}, {}) },
      /preRegisteredClients\.1\.clientId: "acme" is there twice/,
    ],
    ...["http://acme.example/cb", "https://a@acme.example/cb", "https://acme.example/cb#x"].map(
      (uri): [string, Record<string, string>, RegExp] => [
        `the redirect URI ${uri}`,
        { preRegisteredClients: toClients({ redirectUris: ["https://acme.example/cb", uri] }) },
        /preRegisteredClients\.0\.redirectUris: ".*" must be https/,
      ],
    ),
    ["a key generation of none", { keyGeneration: "0" }, /keyGeneration: .*Example: 2/],
  ])("%s", (_name, settings, message) => {
    expect(() => read(settings)).toThrowError(message);
  });

  test.each([
    "http://mcp.example.com",
    "https://mcp.example.com/",
    "https://mcp.example.com/mcp",
    "https://a@mcp.example.com",
    "mcp.example.com",
  ])("the origin %s", (url) => {
    expect(() => read({ publicUrl: url })).toThrowError(/publicUrl: ".*" must be https/);
    expect(() => read({ allowOriginChange: url })).toThrowError(/allowOriginChange: ".*" must be/);
  });

  test("a secret that could be guessed, without saying it again", () => {
    const secrets = { demoPassword: "s3cret", probeSecret: "s3cret" };
    const error = String(catchError(() => readAll({}, { secrets })));
    expect(error).toMatch(
      /demoPassword: it is shorter than 12 characters[\s\S]*probeSecret: .* 32/,
    );
    expect(error).not.toContain("s3cret");
  });

  test("a secret that Cloudflare would not take, a tool's or the server's own, without saying it", () => {
    const most = "é".repeat(2560);
    const tool = { name: "pay", needs: { secrets: { payKey: "key of the shop" } } };
    expect(() => readAll({}, { secrets: { payKey: most }, tools: [tool] })).not.toThrow();
    const secrets = { payKey: `${most}s3cret`, probeSecret: "s3cret".repeat(1000) };
    const error = String(catchError(() => readAll({}, { secrets, tools: [tool] })));
    expect(error).toMatch(
      /probeSecret: it has 6000 bytes, and Cloudflare takes 5120[\s\S]*payKey: it has 5126 bytes.*config set -s <stack> --secret payKey/,
    );
    expect(error).not.toMatch(/s3cret|é/);
  });

  test("a wrong value that somebody encrypted, without saying it again", () => {
    const secrets = { scriptName: "-s3cret" };
    const error = catchError(() => readAll({}, { secrets }));
    expect(String(error)).toMatch(
      /scriptName: this is not a secret setting[\s\S]*scriptName: must be/,
    );
    expect(String(error)).not.toContain("s3cret");
  });

  test("a plain setting that somebody encrypted: it would be readable in the Worker", () => {
    const tool = { name: "t", needs: { settings: { mode: z.string() } } };
    const secrets = { serverInstructions: "s3cret", mode: "s3cret" };
    const error = String(catchError(() => readAll({}, { secrets, tools: [tool] })));
    expect(error).toMatch(
      /serverInstructions: this is not a secret setting[\s\S]*mode: this is not/,
    );
    expect(error).not.toContain("s3cret");
  });

  test("a secret in clear, without saying it again", () => {
    const error = catchError(() => read({ demoPassword: "s3cret" }));
    expect(String(error)).toMatch(/demoPassword: .* in plain text\. .*--secret demoPassword/);
    expect(String(error)).not.toContain("s3cret");
  });
});

describe("what tools need", () => {
  const tools: ToolDeclaration[] = [
    {
      name: "weather",
      needs: {
        secrets: { weatherApiKey: "key of weather.example" },
        settings: {
          weatherUnits: z
            .enum(["metric", "imperial"])
            .meta({ description: "Units.", example: "metric" }),
          weatherCities: z.array(z.string()).default([]),
        },
        bindings: { PRICE_LIST: { kind: "service" } },
      },
    },
  ];
  const secrets = { weatherApiKey: "k" };

  test("is read like any other setting", () => {
    const settings = { weatherUnits: "metric", priceListWorker: "prices" };
    expect(readAll(settings, { tools, secrets })).toMatchObject({
      toolSettings: { weatherUnits: "metric", weatherCities: [] },
      services: { PRICE_LIST: "prices" },
    });
  });

  test("is missed by name, with the tool that needs it", () => {
    const settings = { weatherUnits: "kelvin", workersDev: "false" };
    const message = String(catchError(() => readAll(settings, { tools })));
    expect(message).toMatch(/workersDev: with false nothing leads to the Worker/);
    expect(message).toMatch(/weatherApiKey: the tool "weather" needs this secret \(key of/);
    expect(message).toMatch(/priceListWorker: the tool "weather" calls another Worker/);
    expect(message).toMatch(
      /weatherUnits: the tool "weather" needs it\. Invalid option: .*Example: metric/,
    );
  });

  test.each<[string, ToolDeclaration["needs"], RegExp]>([
    [
      "a name of the wrong form",
      { secrets: { "api-key": "x" } },
      /need "api-key": a name must look/,
    ],
    ["a secret among the settings", { settings: { apiToken: z.string() } }, /under secrets/],
    ["a setting of the server", { settings: { zone: z.string() } }, /"zone" is taken already/],
    ["a binding of the server", { bindings: { OAUTH_KV: { kind: "d1" } } }, /"OAUTH_KV" is taken/],
    [
      "a secret bound as another need",
      { secrets: { notesDb: "x" }, bindings: { NOTES_DB: { kind: "d1" } } },
      /"NOTES_DB" is taken/,
    ],
  ])("is refused: %s", (_name, needs, message) => {
    const reserved = { settings: ["zone"], bindings: ["OAUTH_KV"] };
    expect(() => collectNeeds([{ name: "t", ...(needs && { needs }) }], reserved)).toThrowError(
      message,
    );
  });

  test("two tools share a secret, a binding of one kind and one schema, and nothing else", () => {
    const schema = z.string();
    const needs = {
      secrets: { key: "x" },
      settings: { mode: schema },
      bindings: { DB: { kind: "d1" } },
    } as const;
    const none = { settings: [], bindings: [] };
    expect(
      collectNeeds(
        [
          { name: "a", needs },
          { name: "b", needs },
        ],
        none,
      ).bindings.size,
    ).toBe(1);
    const other = { bindings: { DB: { kind: "r2" } }, settings: { mode: z.string() } } as const;
    expect(() =>
      collectNeeds(
        [
          { name: "a", needs },
          { name: "b", needs: other },
        ],
        none,
      ),
    ).toThrowError(/Tool "b", need "mode"[\s\S]*Tool "b", need "DB"/);
  });
});
