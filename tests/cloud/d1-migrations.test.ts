import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { deployStack } from "../support/deploy-stack.ts";
import { Workshop } from "../support/workshop.ts";
import { Wrangler } from "../support/wrangler.ts";

const folder = "worker/migrations/NOTES_DB";
const first = "CREATE TABLE notes (text TEXT);\nINSERT INTO notes VALUES ('by up');\n";
const second = "ALTER TABLE notes ADD COLUMN stars INTEGER NOT NULL DEFAULT 0;\n";

test("steps are applied by up in order and once, never by a preview; a failed one says which are in; wrangler sees the same table", async ({
  skip,
}) => {
  await using workshop = await Workshop.make(skip);
  const { checkout, cloud } = workshop;
  const writeStep = async (name: string, sql: string) => {
    const path = `${folder}/${name}`;
    await mkdir(dirname(checkout.path(path)), { recursive: true });
    await checkout.write(path, sql);
  };
  await checkout.edit(
    "worker/tools/sum.ts",
    'scope: "demo:use",',
    'scope: "demo:use",\n  needs: { bindings: { NOTES_DB: { kind: "d1" } } },',
  );
  const up = () => workshop.pulumi("up", "-s", "dev", "--yes", "--skip-preview");
  const preview = () => workshop.pulumi("preview", "-s", "dev");
  const listCalls = () =>
    cloud.local.cloud.journal
      .list()
      // The newest is the first.
      .toReversed()
      .map(({ method, path }) => `${method} ${path.replace(/\?.*/, "")}`);
  const query = async (sql: string) => {
    const [database] = cloud.local.cloud.records.databases.list();
    const results = await cloud.local.cloud.storage.query(database?.uuid ?? "", [
      { sql, params: [] },
    ]);
    return results.at(-1)?.results ?? [];
  };

  await writeStep("0001_create.sql", first);
  await deployStack(workshop, "dev", { environment: "development", scriptName: "example" });
  expect(await query("SELECT * FROM notes")).toEqual([{ text: "by up" }]);
  // After the database and before the script.
  const calls = listCalls();
  const isUpload = (call: string) => /^PUT .*\/workers\/scripts\/example$/.test(call);
  const isQuery = (call: string) => /^POST .*\/query$/.test(call);
  expect(calls.findIndex(isQuery)).toBeGreaterThan(0);
  expect(calls.findLastIndex(isQuery)).toBeLessThan(calls.findIndex(isUpload));
  const state = (await workshop.pulumi("stack", "export", "-s", "dev", "--show-secrets")).stdout;
  expect(state).toContain("0001_create.sql");
  expect(state).not.toContain("CREATE TABLE");

  // Nothing new: the database is not even asked.
  const before = listCalls().filter(isQuery).length;
  expect((await up()).stdout).toMatch(/unchanged/);
  expect(listCalls().filter(isQuery)).toHaveLength(before);

  await writeStep("0002_stars.sql", second);
  await writeStep("0003_broken.sql", "INSERT INTO notes VALUES ('x', 1);\nSELECT * FROM nots;\n");
  expect((await preview()).code).toBe(0);
  expect(listCalls().filter(isQuery)).toHaveLength(before);
  const uploads = listCalls().filter(isUpload).length;
  const failed = await up();
  expect(failed.code).not.toBe(0);
  expect(failed.stdout + failed.stderr).toMatch(
    /NOTES_DB\/0003_broken\.sql: the step failed: .*nots.*None of it was applied\. Applied so far: 0001_create\.sql, 0002_stars\.sql\./s,
  );
  expect(await query("SELECT * FROM notes")).toEqual([{ text: "by up", stars: 0 }]);
  expect(listCalls().filter(isUpload)).toHaveLength(uploads);

  await writeStep("0003_broken.sql", "INSERT INTO notes VALUES ('mended', 1);\n");
  expect(await up()).toMatchObject({ code: 0 });
  expect(await query("SELECT text FROM notes")).toEqual([{ text: "by up" }, { text: "mended" }]);

  await writeStep("0002_stars.sql", `${second}-- edited\n`);
  const edited = await preview();
  expect(edited.code).not.toBe(0);
  expect(edited.stdout + edited.stderr).toMatch(/0002_stars\.sql: .* its file has changed since/);
  await writeStep("0002_stars.sql", second);

  await using wrangler = await Wrangler.make(cloud);
  const [database] = cloud.local.cloud.records.databases.list();
  await wrangler.write("wrangler.json", {
    name: "example",
    d1_databases: [
      { binding: "NOTES_DB", database_name: database?.name, database_id: database?.uuid },
    ],
  });
  for (const [name, sql] of [
    ["0001_create.sql", first],
    ["0002_stars.sql", second],
    ["0003_broken.sql", "INSERT INTO notes VALUES ('mended', 1);\n"],
  ] as const) {
    await wrangler.write(`migrations/${name}`, sql);
  }
  const remote = ["NOTES_DB", "--remote"];
  expect(await wrangler.run(["d1", "migrations", "list", ...remote])).toContain(
    "No migrations to apply",
  );
  const fourth = "INSERT INTO notes VALUES ('by wrangler', 2);\n";
  await wrangler.write("migrations/0004_more.sql", fourth);
  expect(await wrangler.run(["d1", "migrations", "list", ...remote])).toContain("0004_more.sql");
  await wrangler.run(["d1", "migrations", "apply", ...remote]);

  // What wrangler applied is not run again by up, and later steps follow it.
  await writeStep("0004_more.sql", fourth);
  await writeStep("0005_last.sql", "INSERT INTO notes VALUES ('last', 3);\n");
  expect(await up()).toMatchObject({ code: 0 });
  expect((await query("SELECT text FROM notes")).map(({ text }) => text)).toEqual([
    "by up",
    "mended",
    "by wrangler",
    "last",
  ]);
  await wrangler.write("migrations/0005_last.sql", "INSERT INTO notes VALUES ('last', 3);\n");
  expect(await wrangler.run(["d1", "migrations", "list", ...remote])).toContain(
    "No migrations to apply",
  );
});
