import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { makeTempFolder } from "../../tests/support/temp-folder.ts";
import { type DatabaseStep, findPending, readMigrations, refuseOtherFolders } from "./steps.ts";

const first = "CREATE TABLE notes (text TEXT);\n";

/** Reads the steps of a checkout that has these files below its folder of migrations. */
async function read(files: Readonly<Record<string, string>>, databases = ["NOTES_DB"]) {
  await using folder = await makeTempFolder();
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder.path, "worker/migrations", path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  await refuseOtherFolders(folder.path, databases);
  return await readMigrations(folder.path, databases);
}

test("without a folder there is nothing to do", async () => {
  expect(await read({})).toEqual(new Map());
});

test("steps come in the order of their numbers, and a line end of Windows changes none", async () => {
  const migrations = await read({
    "NOTES_DB/10000_late.sql": first,
    "NOTES_DB/0002_second.sql": first.replaceAll("\n", "\r\n"),
    "NOTES_DB/0001_first.sql": `${first}-- done; really\n/* yes */`,
    "NOTES_DB/readme.md": "Of no interest",
  });
  const steps = migrations.get("NOTES_DB") ?? [];
  expect(steps.map(({ name }) => name)).toEqual([
    "0001_first.sql",
    "0002_second.sql",
    "10000_late.sql",
  ]);
  expect(steps[1]?.sha256).toBe(steps[2]?.sha256);
});

test.each([
  ["a database that no tool needs", { "OTHER_DB/0001_a.sql": first }, /no tool needs .*"OTHER_DB"/],
  ["a name without a number", { "NOTES_DB/first.sql": first }, /first\.sql: the name of a step/],
  [
    "two steps of one number",
    { "NOTES_DB/0001_a.sql": first, "NOTES_DB/00001_b.sql": first },
    /_.*\.sql and .*_.*\.sql have the same number/,
  ],
  ["an empty step", { "NOTES_DB/0001_a.sql": "-- later;\n" }, /does not end with a statement/],
  ["a statement without an end", { "NOTES_DB/0001_a.sql": "DROP TABLE x" }, /does not end with/],
])("%s is refused by its name", async (_what, files, problem) => {
  await expect(read(files)).rejects.toThrowError(problem);
});

const step = (name: string, sha256 = "same"): DatabaseStep => ({ name, sql: "", sha256 });
const [one, two, three] = [step("0001_a.sql"), step("0002_b.sql"), step("0003_c.sql")];

test("what is pending are the steps after the last one that is in", () => {
  expect(findPending("DB", [one, two], [])).toEqual([one, two]);
  expect(findPending("DB", [one, two, three], [one, two])).toEqual([three]);
  expect(findPending("DB", [one, two], [one, { name: two.name, sha256: undefined }])).toEqual([]);
});

test("an older version may be deployed again, and a database keeps what wrangler called otherwise", () => {
  expect(findPending("DB", [one], [one, two, three])).toEqual([]);
  expect(findPending("DB", [one], [{ name: "init.sql", sha256: undefined }])).toEqual([one]);
});

test.each([
  ["edited", [step(one.name, "other"), two], [one], /0001_a\.sql: .* its file has changed since/],
  ["removed", [two], [one, two], /0001_a\.sql: .* the file is not here/],
  ["renamed", [step("0001_z.sql"), two], [one, two], /0001_a\.sql: .* the file is not here/],
  ["put in between", [one, two, three], [one, three], /0002_b\.sql: .* number after 0003_c\.sql/],
  ["parted from another branch's", [one, step("0002_z.sql")], [one, two], /0002_b\.sql/],
])("a history that was %s is refused", (_how, steps, applied, problem) => {
  expect(() => findPending("DB", steps, applied)).toThrowError(problem);
});
