import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { applyMigrations, type Query } from "./apply.ts";
import type { DatabaseStep } from "./steps.ts";

const step = (name: string, sql: string): DatabaseStep => ({
  name,
  sql,
  sha256: `hash of ${sql.length}`,
});
const create = step("0001_create.sql", "CREATE TABLE notes (text TEXT);");
const fill = step(
  "0002_fill.sql",
  "INSERT INTO notes VALUES ('a'); INSERT INTO notes VALUES ('b');",
);

/** A database in memory that runs what it is sent as D1 does: all of it or nothing. */
function makeDatabase() {
  const database = new DatabaseSync(":memory:");
  const query: Query = async (sql) => {
    if (/^SELECT/.test(sql)) return database.prepare(sql).all();
    database.exec("BEGIN");
    try {
      database.exec(sql);
      database.exec("COMMIT");
      return [];
    } catch (error) {
      database.exec("ROLLBACK");
      throw error;
    }
  };
  const read = (sql: string) => database.prepare(sql).all().flatMap(Object.values);
  return { query, read };
}

test("each step is applied once, in order, and noted as wrangler notes it", async () => {
  const { query, read } = makeDatabase();
  expect(await applyMigrations("DB", [create], query)).toEqual(["0001_create.sql"]);
  expect(await applyMigrations("DB", [create, fill], query)).toEqual(["0002_fill.sql"]);
  expect(await applyMigrations("DB", [create, fill], query)).toEqual([]);
  expect(read("SELECT text FROM notes")).toEqual(["a", "b"]);
  expect(read("SELECT name FROM d1_migrations ORDER BY id")).toEqual([create.name, fill.name]);
  expect(read("SELECT applied_at IS NOT NULL FROM d1_migrations")).toEqual([1, 1]);
});

test("a step that fails leaves nothing, says which are in, and is tried again when it is mended", async () => {
  const { query, read } = makeDatabase();
  const broken = step(fill.name, "INSERT INTO notes VALUES ('a'); INSERT INTO nots VALUES ('b');");
  const failing = applyMigrations("DB", [create, broken], query);
  await expect(failing).rejects.toThrowError(
    /DB\/0002_fill\.sql: the step failed: .*nots.* None of it was applied\. Applied so far: 0001_create\.sql\. Correct/,
  );
  expect(read("SELECT text FROM notes")).toEqual([]);
  expect(await applyMigrations("DB", [create, fill], query)).toEqual([fill.name]);
});

test("a step whose answer was lost is in, and is not run again", async () => {
  const { query, read } = makeDatabase();
  const losing: Query = async (sql) => {
    const rows = await query(sql);
    if (sql.startsWith(fill.sql)) throw new Error("connection reset");
    return rows;
  };
  expect(await applyMigrations("DB", [create, fill], losing)).toHaveLength(2);
  expect(read("SELECT text FROM notes")).toEqual(["a", "b"]);
});

test("where the database cannot be asked any more, nothing is claimed of the step", async () => {
  const { query } = makeDatabase();
  let isGone = false;
  const going: Query = async (sql) => {
    isGone ||= sql.startsWith(create.sql);
    if (isGone) throw new Error("connection refused");
    return query(sql);
  };
  await expect(applyMigrations("DB", [create], going)).rejects.toThrowError(
    /connection refused\. Whether it was applied is not known/,
  );
});

test("a step that was edited after it was applied is refused, one that wrangler applied too", async () => {
  const { query } = makeDatabase();
  const edited = { ...create, sha256: "another" };
  await applyMigrations("DB", [create], query);
  await expect(applyMigrations("DB", [edited], query)).rejects.toThrowError(/has changed since/);

  const other = makeDatabase();
  await other.query(
    `CREATE TABLE d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL);
     INSERT INTO d1_migrations (name) VALUES ('${create.name}');`,
  );
  expect(await applyMigrations("DB", [create], other.query)).toEqual([]);
  await expect(applyMigrations("DB", [edited], other.query)).rejects.toThrowError(/has changed/);
});
