import { expect, test } from "vitest";
import { fixtureSettings, fixtureTools } from "../../tests/support/fixture-tools.ts";
import { StackModel } from "../../tests/support/stack-model.ts";
import { WorkerRuntime } from "../runtime/runtime.ts";
import { toWorkerSpec } from "./to-worker-spec.ts";

const canary = "canary-6d1f0c2a9b";
const secrets = { weatherApiKey: canary };
const parts = { features: { tools: fixtureTools } };

/** Uses every binding as a tool would. */
const code = `export default {
  async fetch(request, env) {
    await env.NOTES_DB.exec("CREATE TABLE IF NOT EXISTS notes (text TEXT)");
    await env.NOTES_DB.prepare("INSERT INTO notes VALUES (?)").bind("hello").run();
    const { results } = await env.NOTES_DB.prepare("SELECT text FROM notes").all();
    await env.FILES.put("a.txt", "stored");
    const billing = await env.BILLING.fetch("http://billing/");
    return Response.json({
      key: env.WEATHER_API_KEY,
      units: env.SETTINGS.tools.defaultUnits,
      notes: results,
      file: await (await env.FILES.get("a.txt")).text(),
      ai: await env.AI.run("model", {}).catch((error) => error.message),
      billing: [billing.status, await billing.text()],
    });
  },
};
export class McpSession {}
export class PersonState {}`;

test("what tools need becomes resources and bindings of the environment", async () => {
  const stack = new StackModel();
  const values = { ...fixtureSettings, environment: "development" };
  const { resources, created } = await stack.up({ values, secrets, parts });
  expect(created).toEqual(expect.arrayContaining(["d1-notes-db", "r2-files"]));
  const inputs = (name: string) => resources.find((found) => found.name === name)?.inputs;
  expect(inputs("d1-notes-db")).toMatchObject({ name: "remote-mcp-server-dev-notes-db" });
  expect(inputs("r2-files")).toMatchObject({ name: "remote-mcp-server-dev-files" });
  expect(inputs("worker")?.bindings).toEqual(
    expect.arrayContaining([
      { name: "WEATHER_API_KEY", type: "secret_text", text: canary },
      { name: "NOTES_DB", type: "d1", id: expect.stringMatching(/^[0-9a-f]{32}$/) },
      { name: "FILES", type: "r2_bucket", bucketName: "remote-mcp-server-dev-files" },
      { name: "AI", type: "ai" },
      { name: "BILLING", type: "service", service: "billing-api" },
    ]),
  );
});

test("a tool's data is protected like the server's own, and waits for the same rules", async () => {
  const values = { ...fixtureSettings, kvProtection: "true" };
  const { resources } = await new StackModel().up({ values, secrets, parts });
  const identity = resources.find(({ name }) => name === "identity")?.urn;
  for (const name of ["d1-notes-db", "r2-files"]) {
    const options = resources.find((found) => found.name === name)?.options;
    expect(options, name).toMatchObject({ protect: true, retainOnDelete: true });
    expect(options?.dependsOn, name).toContain(identity);
  }
});

test("a database goes only with the word of who owns it", async () => {
  const stack = new StackModel();
  await stack.up({ values: fixtureSettings, secrets, parts });
  const fewer = fixtureTools.filter(({ name }) => name !== "notes" && name !== "files");
  const without = { values: fixtureSettings, secrets, parts: { features: { tools: fewer } } };
  const { refusals, deleted } = await stack.up(without);
  expect(deleted).toEqual([]);
  expect(refusals).toEqual([
    expect.stringMatching(
      /no tool needs FILES, NOTES_DB any more.*'allowToolDataDeletion\[0\]' FILES` and .*'allowToolDataDeletion\[1\]' NOTES_DB`/,
    ),
  ]);
  const allowed = { ...fixtureSettings, allowToolDataDeletion: '["FILES","NOTES_DB"]' };
  expect((await stack.up({ ...without, values: allowed })).deleted.sort()).toEqual([
    "d1-notes-db",
    "r2-files",
  ]);
});

test("this machine supplies the same, and says what it cannot", async () => {
  const { resources } = await new StackModel().up({ values: fixtureSettings, secrets, parts });
  const spec = await toWorkerSpec(resources);
  const module = { name: "worker.js", type: "ESModule", contents: code } as const;
  await using runtime = await WorkerRuntime.boot([{ ...spec, modules: [module] }]);
  const answer = await fetch(`http://127.0.0.1:${runtime.port}/`, {
    headers: runtime.headersFor(),
  });
  expect(await answer.json()).toEqual({
    key: canary,
    units: "imperial",
    notes: [{ text: "hello" }],
    file: "stored",
    ai: expect.stringContaining("Workers AI (AI) runs at Cloudflare only"),
    billing: [
      501,
      expect.stringContaining('The Worker "billing-api" (BILLING) is not on this machine'),
    ],
  });
});

test("a stack that lacks what a tool needs is refused, each by its name", async () => {
  await expect(new StackModel().up({ parts })).rejects.toThrowError(
    /weatherApiKey: the tool "weather"[\s\S]*billingWorker: the tool "bill"[\s\S]*defaultUnits: the tool "convert"/,
  );
});

test("a changed secret is uploaded, and no Durable Object step with it", async () => {
  const stack = new StackModel();
  await stack.up({ values: fixtureSettings, secrets, parts });
  const changed = { weatherApiKey: "another" };
  const result = await stack.up({ values: fixtureSettings, secrets: changed, parts });
  expect(result.updated).toEqual(["worker"]);
  expect(result.sent).toBe("none");
});

test("a bucket's name that R2 would not take is refused", async () => {
  const values = { ...fixtureSettings, scriptName: "s".repeat(63) };
  await expect(new StackModel().up({ values, secrets, parts })).rejects.toThrowError(
    /scriptName: the R2 bucket of the binding FILES .* at most 63/,
  );
});

test("a secret stands in the one binding that is marked secret, and nowhere else", async () => {
  const { resources, outputs } = await new StackModel().up({
    values: fixtureSettings,
    secrets,
    parts,
  });
  const spec = await toWorkerSpec(resources);
  const holding = resources.filter(({ inputs }) => JSON.stringify(inputs).includes(canary));
  expect(holding.map(({ name }) => name)).toEqual(["worker"]);
  expect(resources.filter(({ clear }) => clear.includes(canary))).toEqual([]);
  expect(JSON.stringify(outputs)).not.toContain(canary);
  expect(spec.modules.map(({ contents }) => contents).join()).not.toContain(canary);
});
