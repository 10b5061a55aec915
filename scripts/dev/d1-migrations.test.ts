import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { fixtureSettings, fixtureTools } from "../../tests/support/fixture-tools.ts";
import { StackModel } from "../../tests/support/stack-model.ts";
import { makeTempFolder } from "../../tests/support/temp-folder.ts";
import { WorkerRuntime } from "../runtime/runtime.ts";
import type { WorkerSpec } from "../runtime/worker-spec.ts";
import { Databases } from "./databases.ts";

const secrets = { weatherApiKey: "canary-0b5e" };

/** A checkout that has steps and nothing else. */
async function makeSteps() {
  const folder = await makeTempFolder();
  return {
    root: folder.path,
    async write(path: string, sql: string): Promise<void> {
      const file = join(folder.path, "worker/migrations", path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, sql);
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

test("a database with steps has them before the Worker is uploaded, and no SQL enters the state", async () => {
  await using steps = await makeSteps();
  await steps.write("NOTES_DB/0001_create.sql", "CREATE TABLE canary (text TEXT);");
  const parts = { features: { tools: fixtureTools }, root: steps.root };
  const stack = new StackModel();
  const { resources, outputs } = await stack.up({ values: fixtureSettings, secrets, parts });
  const find = (name: string) => resources.find((found) => found.name === name);
  expect(find("migrations-notes-db")?.inputs.input).toEqual({
    databaseId: expect.stringMatching(/^[0-9a-f]{32}$/),
    steps: [{ name: "0001_create.sql", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }],
  });
  expect(find("worker")?.options.dependsOn).toContain(find("migrations-notes-db")?.urn);
  expect(JSON.stringify([resources, outputs])).not.toContain("canary (text");

  const again = await stack.up({ values: fixtureSettings, secrets, parts });
  expect(again).toMatchObject({ created: [], updated: [], replaced: [] });
  await steps.write("NOTES_DB/0002_more.sql", "DROP TABLE canary;");
  // The Worker is the same, so it is not uploaded.
  const more = await stack.up({ values: fixtureSettings, secrets, parts });
  expect(more).toMatchObject({ created: [], updated: ["migrations-notes-db"], replaced: [] });
  await steps.write("NOTES_DB/0001_create.sql", "CREATE TABLE other (text TEXT);");
  const edited = await stack.up({ values: fixtureSettings, secrets, parts });
  expect(edited.refusals).toEqual([expect.stringMatching(/0001_create\.sql: .* changed since/)]);
});

test("a database without steps costs nothing, and steps without a database are refused", async () => {
  await using steps = await makeSteps();
  const parts = { features: { tools: fixtureTools }, root: steps.root };
  const { created } = await new StackModel().up({ values: fixtureSettings, secrets, parts });
  expect(created.filter((name) => name.startsWith("migrations-"))).toEqual([]);
  await steps.write("POLLS_DB/0001_create.sql", "CREATE TABLE votes (text TEXT);");
  await expect(
    new StackModel().up({ values: fixtureSettings, secrets, parts }),
  ).rejects.toThrowError(/worker\/migrations\/POLLS_DB: no tool needs a D1 database "POLLS_DB"/);
});

test("the dev server applies the same to the real database of this machine", async () => {
  await using steps = await makeSteps();
  const contents = `export default {
    fetch: async (request, env) =>
      Response.json((await env.NOTES_DB.prepare("SELECT text FROM notes").all()).results),
  };`;
  const spec: WorkerSpec = {
    name: "notes",
    modules: [{ name: "worker.js", type: "ESModule", contents }],
    compatibilityDate: "2026-01-01",
    compatibilityFlags: [],
    bindings: [{ type: "d1", name: "NOTES_DB", id: "0".repeat(32) }],
    crons: [],
  };
  expect((await Databases.read(spec, steps.root)).specs).toEqual([]);

  await steps.write("NOTES_DB/0001_create.sql", "CREATE TABLE notes (text TEXT);");
  await steps.write("NOTES_DB/0002_fill.sql", "INSERT INTO notes VALUES ('a;b'); -- one\n");
  const databases = await Databases.read(spec, steps.root);
  await using runtime = await WorkerRuntime.boot([spec, ...databases.specs]);
  expect(await databases.migrate(runtime)).toEqual([
    "NOTES_DB: applied 0001_create.sql, 0002_fill.sql",
  ]);
  expect(await databases.migrate(runtime)).toEqual([]);
  const answer = await fetch(`http://127.0.0.1:${runtime.port}/`, {
    headers: runtime.headersFor(),
  });
  expect(await answer.json()).toEqual([{ text: "a;b" }]);

  await steps.write("NOTES_DB/0003_bad.sql", "INSERT INTO notes VALUES ('c'); DROP TABLE none;");
  const failing = (await Databases.read(spec, steps.root)).migrate(runtime);
  await expect(failing).rejects.toThrowError(
    /0003_bad\.sql: the step failed: .*none.*Applied so far: 0001_create\.sql, 0002_fill\.sql.*\n.*--fresh/,
  );
});
