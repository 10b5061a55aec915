import { createRequire } from "node:module";
import type { PolicyResource, ResourceValidationArgs } from "@pulumi/policy";
import { expect, test } from "vitest";
import { policies } from "./policies.ts";

/** How Pulumi hands over what it does not know yet; the types leave it out. */
const { unknownCheckingProxy, unknownStringValue } = createRequire(import.meta.url)(
  "@pulumi/policy/proxy.js",
) as {
  unknownCheckingProxy(props: Record<string, unknown>): Record<string, unknown>;
  unknownStringValue: string;
};

const scriptType = "cloudflare:index/workersScript:WorkersScript";
const namespaceType = "cloudflare:index/workersKvNamespace:WorkersKvNamespace";
const subdomainType = "cloudflare:index/workersScriptSubdomain:WorkersScriptSubdomain";

interface Declared {
  readonly type: string;
  readonly props: Record<string, unknown>;
  readonly protect?: boolean;
}

const isoDay = (daysAgo: number) =>
  new Date(Date.now() - daysAgo * 86_400_000).toISOString().slice(0, 10);

/** The script of a stack that breaks no rule, with some of it changed. */
function createScript(props: Record<string, unknown> = {}, settings: object = {}): Declared {
  const json = JSON.stringify({
    environment: "production",
    identity: { method: "oidc" },
    ...settings,
  });
  return {
    type: scriptType,
    props: {
      compatibilityDate: isoDay(30),
      compatibilityFlags: ["enable_request_signal", "global_fetch_strictly_public", "nodejs_als"],
      observability: { enabled: true, logs: { enabled: true, invocationLogs: false } },
      bindings: [
        { name: "SETTINGS", type: "json", json },
        { name: "SUBJECT_KEY", type: "secret_text", text: "x" },
        { name: "OAUTH_KV", type: "kv_namespace", namespaceId: "1" },
      ],
      ...props,
    },
  };
}

/** Runs every rule as Pulumi does. Returns `<rule>: <message>`. */
async function check(...declared: readonly Declared[]): Promise<string[]> {
  const found: string[] = [];
  const resources = declared.map(({ type, props, protect = false }, index) => ({
    type,
    props,
    name: `r${index}`,
    urn: `urn:${index}`,
    opts: { protect },
  })) as unknown as PolicyResource[];
  const notApplicable = (): never => {
    throw new Error("not applicable");
  };
  const common = {
    stackTags: new Map<string, string>(),
    getConfig: <T>() => ({}) as T,
    notApplicable,
  };
  for (const policy of policies) {
    const report = (message: string) => void found.push(`${policy.name}: ${message}`);
    if ("validateStack" in policy) await policy.validateStack({ resources, ...common }, report);
    else {
      const validate = policy.validateResource;
      if (typeof validate !== "function") throw new Error(`${policy.name} has no single check`);
      for (const resource of resources) {
        await validate({ ...resource, ...common } as unknown as ResourceValidationArgs, report);
      }
    }
  }
  return found;
}

test("a stack that is in order breaks no rule", async () => {
  const all = [
    createScript(),
    { type: namespaceType, props: {}, protect: true },
    { type: subdomainType, props: { enabled: true, previewsEnabled: false } },
  ];
  expect(await check(...all)).toEqual([]);
});

test.each<[string, Declared[], RegExp]>([
  [
    "no-demo-sign-in-in-production",
    [createScript({}, { identity: { method: "demo" } })],
    /signs anybody in \(identity method "demo"\)/,
  ],
  [
    "secrets-only-as-secret-bindings",
    [createScript({ bindings: [{ name: "API_KEY", type: "plain_text", text: "x" }] })],
    /binding API_KEY is plain_text/,
  ],
  [
    "secrets-only-as-secret-bindings",
    [createScript({}, { tools: { weatherApiKey: "x", units: "metric" } })],
    /setting weatherApiKey is in SETTINGS in plain text/,
  ],
  [
    "data-protected-in-production",
    [createScript(), { type: namespaceType, props: {} }],
    /"r1" holds every client's connection and is not protected/,
  ],
  [
    "recent-compatibility-date",
    [createScript({ compatibilityDate: isoDay(400) })],
    /more than a year old/,
  ],
  [
    "required-flags",
    [createScript({ compatibilityFlags: ["enable_request_signal", "nodejs_als"] })],
    /global_fetch_strictly/,
  ],
  [
    "no-invocation-logs",
    [createScript({ observability: { enabled: true, headSamplingRate: 1 } })],
    /Invocation logs keep whole URLs/,
  ],
  [
    "no-preview-urls",
    [{ type: subdomainType, props: { previewsEnabled: true } }],
    /Preview URLs are on/,
  ],
])("%s", async (name, declared, message) => {
  const found = await check(...declared);
  expect(found).toEqual([expect.stringMatching(message)]);
  expect(found[0]).toMatch(new RegExp(`^${name}: `));
});

test("a development stack may have the demo sign-in and an unprotected namespace", async () => {
  const settings = { environment: "development", identity: { method: "demo" } };
  const all = [createScript({}, settings), { type: namespaceType, props: {} }];
  expect(await check(...all)).toEqual([]);
});

test("a first preview, with ids that are not known yet, hides nothing", async () => {
  const { bindings, ...props } = createScript({}, { identity: { method: "demo" } }).props;
  const demo = {
    type: scriptType,
    props: unknownCheckingProxy({
      ...props,
      compatibilityFlags: ["enable_request_signal", "nodejs_als"],
      bindings: [
        { name: "OAUTH_KV", type: "kv_namespace", namespaceId: unknownStringValue },
        { name: "API_KEY", type: "plain_text", text: unknownStringValue },
        ...(bindings as object[]),
      ],
    }),
  };
  expect((await check(demo)).map((line) => line.split(":")[0])).toEqual([
    "no-demo-sign-in-in-production",
    "secrets-only-as-secret-bindings",
    "required-flags",
  ]);
});

test.each<[string, unknown[]]>([
  ["without settings", [{ name: "OTHER", type: "plain_text", text: "x" }]],
  ["with settings of another form", [{ name: "SETTINGS", type: "json", json: '{"a":1}' }]],
  ["with settings that are no JSON", [{ name: "SETTINGS", type: "json", json: "{" }]],
])("a Worker of another kind, %s, breaks nothing", async (_name, bindings) => {
  expect(await check(createScript({ bindings, compatibilityFlags: [] }))).toEqual([]);
});
