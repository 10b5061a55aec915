import { expect, test } from "vitest";
import type { DeclaredResource } from "./declared-resource.ts";
import { runWithMocks } from "./run-with-mocks.ts";
import { toWorkerSpec } from "./to-worker-spec.ts";

const project = "remote-mcp-server";

function run(values: Record<string, string> = {}, keys: Record<string, string> = {}) {
  return runWithMocks({
    project,
    stack: "dev",
    secretKeys: [],
    keys,
    values: {
      [`${project}:accountId`]: "0123456789abcdef0123456789abcdef",
      [`${project}:publicUrl`]: "http://localhost:8787",
      ...values,
    },
  });
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
