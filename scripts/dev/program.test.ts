import { describe, expect, test, vi } from "vitest";
import { server } from "../../tests/fixture/infra.ts";
import { bundleOnce } from "../../tests/support/bundle-once.ts";
import { project } from "../../tests/support/fixture-project.ts";
import { accountId, StackModel } from "../../tests/support/stack-model.ts";
import type { DeclaredResource } from "./declared-resource.ts";
import { runWithMocks } from "./run-with-mocks.ts";
import { toWorkerSpec } from "./to-worker-spec.ts";

/** The fixture's program. */
const parts = { ...server, bundle: bundleOnce };

/** Runs the program as the dev server does. */
function run(settings: Record<string, string> = {}, keys: Record<string, string> = {}) {
  const all = { accountId, publicUrl: "http://localhost:8787", ...settings };
  const values = Object.entries(all).map(([key, value]) => [`${project}:${key}`, value]);
  const request = { project, stack: "dev", secretKeys: [], keys };
  return runWithMocks({ ...request, values: Object.fromEntries(values) }, { parts });
}

function find(resources: readonly DeclaredResource[], name: string): DeclaredResource {
  const resource = resources.find((candidate) => candidate.name === name);
  if (resource === undefined) throw new Error(`no resource ${name}`);
  return resource;
}

test("the program declares one environment, all of it children of one component", async () => {
  const { resources } = await run();
  const server = find(resources, "server");
  const children = resources.filter(({ parent }) => parent === server.urn);
  expect(children.map(({ type, name }) => `${type.split(":").at(-1)} ${name}`).sort()).toEqual([
    "Stash annotations",
    "Stash consent-key-1",
    "Stash identity",
    "Stash migrations",
    "Stash session-key-1",
    "Stash subject-key",
    "WorkersCronTrigger purge",
    "WorkersKvNamespace oauth",
    "WorkersScript worker",
    "WorkersScriptSubdomain workers-dev",
  ]);
  expect(find(resources, "oauth").inputs.title).toBe("remote-mcp-server-dev-oauth");
  expect(find(resources, "workers-dev").inputs).toMatchObject({
    enabled: true,
    previewsEnabled: false,
  });
  expect(find(resources, "worker").inputs).toMatchObject({
    scriptName: "remote-mcp-server-dev",
    mainModule: "worker.js",
    contentFile: ".build/tests-fixture-worker.js",
    compatibilityFlags: ["enable_request_signal", "global_fetch_strictly_public", "nodejs_als"],
    observability: {
      enabled: true,
      headSamplingRate: 1,
      // Each would have a whole URL, with the code or state in it.
      logs: { enabled: true, headSamplingRate: 1, invocationLogs: false },
    },
    migrations: {
      newTag: "v4",
      steps: [
        {
          newSqliteClasses: [
            "McpSession",
            "PersonState",
            "TokenGate",
            "Throttle",
            "PurgeRun",
            "Transaction",
          ],
        },
      ],
    },
    annotations: {
      workersMessage: expect.stringMatching(/^Pulumi stack dev, version \d+\.\d+\.\d+/),
    },
  });
});

test("nothing is touched before the rule on the stack's identity has spoken", async () => {
  const { resources } = await run();
  const identity = find(resources, "identity");
  expect(identity.options.beforeUpdate).toHaveLength(1);
  expect(identity.inputs.input).toEqual({
    accountId,
    scriptName: "remote-mcp-server-dev",
    origin: "http://localhost:8787",
    keyGeneration: 1,
    toolData: [],
  });
  for (const name of ["oauth", "worker", "migrations", "session-key-1"]) {
    expect(find(resources, name).options.dependsOn, name).toContain(identity.urn);
  }
});

test("the keys are the only secrets, and everything the engine is given marks them so", async () => {
  const { resources, keys } = await run();
  expect(Object.keys(keys).sort()).toEqual(["consent-key-1", "session-key-1", "subject-key"]);
  for (const key of Object.values(keys)) expect(key).toMatch(/^[\w-]{43}$/);
  const found = resources.flatMap(({ name, clear }) =>
    Object.values(keys).some((key) => clear.includes(key)) ? [name] : [],
  );
  expect(found).toEqual([]);
});

test("keys of an earlier run are used again", async () => {
  const { keys } = await run();
  const again = await run({}, keys);
  expect(again.keys).toEqual(keys);
});

test("a script of the program becomes a Worker that this machine can run", async () => {
  const { resources, keys } = await run({ signInsPerMinute: "7" });
  const spec = await toWorkerSpec(resources);
  expect(spec.crons).toEqual(["17 * * * *"]);
  expect(spec.bindings).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ name: "OAUTH_KV", type: "kv_namespace" }),
      expect.objectContaining({ name: "PEOPLE", className: "PersonState" }),
      expect.objectContaining({ name: "SESSIONS", className: "McpSession" }),
      expect.objectContaining({ name: "SIGN_IN_LIMIT", simple: { limit: 7, period: 60 } }),
      { name: "SUBJECT_KEY", type: "secret_text", text: keys["subject-key"] },
      { name: "SESSION_KEYS", type: "secret_text", text: keys["session-key-1"] },
      expect.objectContaining({
        name: "SETTINGS",
        json: expect.objectContaining({ origin: "http://localhost:8787" }),
      }),
    ]),
  );
});

test("rate limits of two stacks have ids of their own", async () => {
  const ids = (resources: readonly DeclaredResource[]) =>
    (find(resources, "worker").inputs.bindings as { type: string; namespaceId: string }[])
      .filter(({ type }) => type === "ratelimit")
      .map(({ namespaceId }) => namespaceId);
  const one = ids((await run()).resources);
  const other = ids((await run({ scriptName: "other" })).resources);
  expect(new Set([...one, ...other]).size).toBe(8);
});

test("every resource of Cloudflare is made with the stack's own provider", async () => {
  const { resources } = await run();
  const cloudflare = resources.filter(({ type }) => type.startsWith("cloudflare:"));
  expect(cloudflare.length).toBeGreaterThan(3);
  const provider = find(resources, "cloudflare");
  for (const { name, provider: used } of cloudflare) {
    expect(used, name).toContain(provider.urn);
  }
});

test("the outputs are what a client and a command need", async () => {
  const { outputs } = await new StackModel().up();
  const origin = "https://remote-mcp-server-dev.ada.workers.dev";
  expect(outputs).toEqual({
    url: `${origin}/`,
    mcpUrl: `${origin}/mcp`,
    sseUrl: `${origin}/sse`,
    scriptName: "remote-mcp-server-dev",
    kvNamespaceId: expect.stringMatching(/^[0-9a-f]{32}$/),
    migrationTag: "v4",
    bundle: {
      bytes: expect.any(Number),
      gzipBytes: expect.any(Number),
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    },
    tools: server.features.tools.map(({ name }) => name).toSorted(),
    claudeDesktopConfig: {
      mcpServers: { [project]: { command: "npx", args: ["mcp-remote", `${origin}/sse`] } },
    },
  });
});

describe("what stops the program before it declares anything", () => {
  test("an account without a workers.dev subdomain is told how to get an address", async () => {
    const request = { project, stack: "dev", secretKeys: [], keys: {} };
    const values = { [`${project}:accountId`]: accountId };
    await expect(runWithMocks({ ...request, values }, { parts })).rejects.toThrowError(
      /no workers\.dev subdomain yet.*or set customDomain or publicUrl/,
    );
  });

  test("a stack that names no account is told how to name one", async () => {
    vi.stubEnv("CLOUDFLARE_ACCOUNT_ID", "");
    await expect(run({ accountId: "" })).rejects.toThrowError(
      /accountId: .*npx pulumi config set -s \S+ accountId.*CLOUDFLARE_ACCOUNT_ID/,
    );
    vi.unstubAllEnvs();
  });

  test("a stack whose name makes no name for a Worker", async () => {
    await expect(new StackModel("Feature_X").up()).rejects.toThrowError(
      /scriptName: the default, "remote-mcp-server-Feature_X" .*npx pulumi config set -s \S+ scriptName/,
    );
  });

  test("a Cloudflare token that stands in the stack's file in clear, without saying it", async () => {
    const values = { [`${project}:accountId`]: accountId, "cloudflare:apiToken": "canary-token" };
    const request = { project, stack: "dev", keys: {}, values };
    const problem = await runWithMocks({ ...request, secretKeys: [] }, { parts }).catch(String);
    expect(problem).toMatch(/cloudflare:apiToken: it is in the stack's file in plain text/);
    expect(problem).not.toContain("canary-token");
    // The local cloud's opens nothing else.
    const local = {
      ...values,
      [`${project}:publicUrl`]: "http://localhost:8787",
      "cloudflare:baseUrl": "http://127.0.0.1:8790/client/v4",
    };
    await runWithMocks({ ...request, values: local, secretKeys: [] }, { parts });
  });

  test("a bundle over its budget", async () => {
    await expect(run({ bundleBudget: "1000" })).rejects.toThrowError(
      /bundleBudget: the Worker has \d+ bytes after gzip, and the budget is 1000/,
    );
  });
});
