import { expect, test, vi } from "vitest";
import type { DeclaredResource } from "./declared-resource.ts";
import { runWithMocks } from "./run-with-mocks.ts";
import { toWorkerSpec } from "./to-worker-spec.ts";

const project = "remote-mcp-server";

function createRequest(values: Record<string, string>, keys: Record<string, string> = {}) {
  return { project, stack: "dev", secretKeys: [], keys, values };
}

function run(values: Record<string, string> = {}, keys: Record<string, string> = {}) {
  const defaults = {
    [`${project}:accountId`]: "0123456789abcdef0123456789abcdef",
    [`${project}:publicUrl`]: "http://localhost:8787",
  };
  return runWithMocks(createRequest({ ...defaults, ...values }, keys));
}

/** Runs the program as it is deployed: to an account that answers, with no publicUrl. */
function deploy(subdomain: string | undefined, tag: string | undefined) {
  const accountId = { [`${project}:accountId`]: "0123456789abcdef0123456789abcdef" };
  return runWithMocks(createRequest(accountId), () => ({
    findWorkersDevSubdomain: async () => subdomain,
    findMigrationTag: async (scriptName) =>
      scriptName === "remote-mcp-server-dev" ? tag : undefined,
  }));
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
    "Stash migrations",
    "Stash session-key",
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
    contentFile: ".build/worker.js",
    compatibilityFlags: ["global_fetch_strictly_public", "nodejs_als"],
    observability: { enabled: true },
    migrations: { newTag: "v1", steps: [{ newSqliteClasses: ["McpSession"] }] },
  });
});

test("the keys are the only secrets, and everything the engine is given marks them so", async () => {
  const { resources, keys } = await run();
  expect(Object.keys(keys).sort()).toEqual(["session-key", "subject-key"]);
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
  const { resources, keys } = await run({ [`${project}:signInsPerMinute`]: "7" });
  const spec = await toWorkerSpec(resources);
  expect(spec.crons).toEqual(["17 * * * *"]);
  expect(spec.bindings).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ name: "OAUTH_KV", type: "kv_namespace" }),
      expect.objectContaining({ name: "SESSIONS", className: "McpSession" }),
      expect.objectContaining({ name: "SIGN_IN_LIMIT", simple: { limit: 7, period: 60 } }),
      { name: "SUBJECT_KEY", type: "secret_text", text: keys["subject-key"] },
      expect.objectContaining({
        name: "SETTINGS",
        json: expect.objectContaining({ origin: "http://localhost:8787" }),
      }),
    ]),
  );
});

test("rate limits of two stacks never share an id", async () => {
  const ids = (resources: readonly DeclaredResource[]) =>
    (find(resources, "worker").inputs.bindings as { type: string; namespaceId: string }[])
      .filter(({ type }) => type === "ratelimit")
      .map(({ namespaceId }) => namespaceId);
  const one = ids((await run()).resources);
  const other = ids((await run({ [`${project}:scriptName`]: "other" })).resources);
  expect(new Set([...one, ...other]).size).toBe(4);
});

test("a deployed stack is served at its workers.dev name", async () => {
  const { resources } = await deploy("ada", undefined);
  expect((await toWorkerSpec(resources)).bindings).toContainEqual({
    name: "SETTINGS",
    type: "json",
    json: expect.objectContaining({ origin: "https://remote-mcp-server-dev.ada.workers.dev" }),
  });
});

test("a Worker that has every Durable Object step gets none again", async () => {
  const { resources } = await deploy("ada", "v1");
  expect(find(resources, "worker").inputs).not.toHaveProperty("migrations");
});

test("an account without a workers.dev subdomain is told how to get an address", async () => {
  await expect(deploy(undefined, undefined)).rejects.toThrowError(
    /no workers\.dev subdomain yet.*or set publicUrl/,
  );
});

test("a stack that names no account is told how to name one", async () => {
  vi.stubEnv("CLOUDFLARE_ACCOUNT_ID", "");
  await expect(runWithMocks(createRequest({}))).rejects.toThrowError(
    /accountId: .*pulumi config set accountId.*CLOUDFLARE_ACCOUNT_ID/,
  );
  vi.unstubAllEnvs();
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
