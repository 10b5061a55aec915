import { reset, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import type { DurableObjectNamespace } from "@cloudflare/workers-types";
import { afterEach, expect, test, vi } from "vitest";
import { workerEnv } from "../../tests/support/worker/worker-env.ts";
import { workerSettings } from "../../tests/support/worker-settings.ts";
import { migrate } from "./migrations.ts";
import { openPersonStorage } from "./open-storage.ts";
import type { PersonState } from "./person-state.ts";

const people = workerEnv.PEOPLE as unknown as DurableObjectNamespace<PersonState>;
const { dataLimit, idleLifetime } = workerSettings.people;

afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

function open(userId = "ada") {
  return openPersonStorage(workerEnv, userId);
}

function stubOf(userId = "ada") {
  return people.get(people.idFromName(userId));
}

test("a person finds what they stored, and another person finds nothing", async () => {
  await open().put("values", "pi", 3.14);
  await open().put("values", "pi", { digits: [3, 1, 4] });
  expect(await open().get("values", "pi")).toMatchObject({
    key: "pi",
    value: { digits: [3, 1, 4] },
    updatedAt: expect.any(Number),
  });
  expect(await open("grace").get("values", "pi")).toBeUndefined();
  expect(await open().get("other", "pi")).toBeUndefined();
  expect(await open().delete("values", "pi")).toBe(true);
  expect(await open().delete("values", "pi")).toBe(false);
  expect(await open().get("values", "pi")).toBeUndefined();
});

test("a list comes in the order of its keys, page by page, from either end and by prefix", async () => {
  for (const key of ["b", "a1", "c", "a2", "a%"]) await open().put("values", key, key);
  await open().put("other", "z", 1);
  const keys = async (options = {}) =>
    (await open().list("values", options)).entries.map(({ key }) => key);
  expect(await keys()).toEqual(["a%", "a1", "a2", "b", "c"]);
  expect(await keys({ isReversed: true, limit: 2 })).toEqual(["c", "b"]);
  expect(await keys({ prefix: "a" })).toEqual(["a%", "a1", "a2"]);
  // No character of a prefix means something else.
  expect(await keys({ prefix: "a%" })).toEqual(["a%"]);

  const pages: string[][] = [];
  let cursor: string | undefined;
  do {
    const page = await open().list("values", { limit: 2, ...(cursor && { cursor }) });
    pages.push(page.entries.map(({ key }) => key));
    cursor = page.cursor;
  } while (cursor !== undefined);
  expect(pages).toEqual([["a%", "a1"], ["a2", "b"], ["c"]]);
});

test("a cursor works for the person and the list it was made for, and for an hour", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  for (const person of ["ada", "grace"]) {
    for (const key of ["a", "b", "c"]) await open(person).put("values", key, person);
  }
  const { cursor = "" } = await open().list("values", { limit: 1 });
  const page = (options: object, person = "ada") =>
    open(person).list("values", { limit: 1, cursor, ...options });
  expect((await page({})).entries[0]?.key).toBe("b");
  const refused = [
    () => page({}, "grace"),
    () => page({ prefix: "a" }),
    () => page({ isReversed: true }),
    () => page({ cursor: `${cursor.slice(0, -4)}AAAA` }),
    () => page({ cursor: "rubbish" }),
    () => open().list("other", { cursor }),
    () => open().exportPage(cursor),
  ];
  for (const use of refused) await expect(use()).rejects.toThrow(/Start without a cursor/);
  vi.setSystemTime(Date.now() + 3_601_000);
  await expect(page({})).rejects.toThrow(/too old/);
});

test("the storage takes what its limit allows, and says how full it is", async () => {
  const piece = "x".repeat(60_000);
  let stored = 0;
  const fill = async () => {
    for (; stored < 100; stored++) await open().put("values", `piece-${stored}`, piece);
  };
  await expect(fill()).rejects.toThrow(/storage of this person is full: \d+ of 1048576 bytes/);
  expect(stored).toBe(Math.floor(dataLimit / (60_000 + 2 + "valuespiece-00".length)));
  // What was there may be replaced by less, and what is deleted makes room.
  await open().put("values", "piece-0", "small");
  await open().put("values", "other", "x".repeat(50_000));
  await open().delete("values", "piece-1");
  await open().put("values", "piece-1", piece);
  await expect(open().put("values", "", 1)).rejects.toThrow(/1 to 256 characters/);
  await expect(open().put("values", "k".repeat(257), 1)).rejects.toThrow(/1 to 256 characters/);
  await expect(open().put("values", "large", "é".repeat(40_000))).rejects.toThrow(/65536 bytes/);
});

test("what is appended is numbered, and the oldest over the limit goes", async () => {
  for (let index = 1; index <= 15; index++) await open().append("history", index, 3);
  const { entries } = await open().list("history");
  expect(entries.map(({ value }) => value)).toEqual([13, 14, 15]);
  expect(entries.map(({ key }) => key)).toEqual(["000000000013", "000000000014", "000000000015"]);
});

test("what does not fit leaves everything as it was", async () => {
  const piece = "x".repeat(65_000);
  for (let index = 0; index < 16; index++) await open().put("values", `piece-${index}`, piece);
  await open().append("history", "first", 2);
  await open().append("history", "second", 2);
  await expect(open().append("history", piece, 2)).rejects.toThrow(/is full/);
  const { entries } = await open().list("history");
  expect(entries.map(({ value }) => value)).toEqual(["first", "second"]);
});

test("a prefix is compared character by character, whatever the character", async () => {
  for (const key of ["😀smile", "😀", "é1"]) await open().put("values", key, 1);
  const find = async (prefix: string) =>
    (await open().list("values", { prefix })).entries.map(({ key }) => key).sort();
  expect(await find("😀")).toEqual(["😀", "😀smile"].sort());
  expect(await find("é")).toEqual(["é1"]);
  await expect(open().put("values", "a\u0000b", 1)).rejects.toThrow(/control character/);
});

test("an export has everything, and what is deleted is gone to the last byte", async () => {
  const secret = "a very private thing";
  for (let index = 0; index < 1200; index++) await open().put("values", `k${index}`, secret);
  await open().append("history", secret, 10);
  const all: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await open().exportPage(cursor);
    all.push(...page.entries.map(({ collection, key }) => `${collection}/${key}`));
    cursor = page.cursor;
  } while (cursor !== undefined);
  expect(all).toHaveLength(1201);
  expect(new Set(all).size).toBe(1201);

  expect(await open().deleteAll()).toBe(1201);
  expect((await open().list("values")).entries).toEqual([]);
  await runInDurableObject(stubOf(), async (_object, state) => {
    const tables = state.storage.sql
      .exec(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'",
      )
      .toArray();
    const rows = tables.flatMap(({ name }) =>
      state.storage.sql.exec(`SELECT * FROM ${name}`).toArray(),
    );
    expect(JSON.stringify(rows)).not.toContain(secret);
  });
  await open().put("values", "new", 1);
  expect((await open().exportPage()).entries).toHaveLength(1);
});

test("what nobody used for the whole idle time is removed, and what somebody used is kept", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const start = Date.now();
  await open().put("values", "kept", 1);
  vi.setSystemTime(start + idleLifetime * 900);
  expect(await open().get("values", "kept")).toBeDefined();
  vi.setSystemTime(start + idleLifetime * 1100);
  expect(await runDurableObjectAlarm(stubOf())).toBe(true);
  expect(await open().get("values", "kept")).toBeDefined();

  vi.setSystemTime(start + idleLifetime * 3000);
  expect(await runDurableObjectAlarm(stubOf())).toBe(true);
  await runInDurableObject(stubOf(), async (_object, state) => {
    expect(
      state.storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'entries'").toArray(),
    ).toEqual([]);
    expect(await state.storage.getAlarm()).toBeNull();
  });
  expect(await open().get("values", "kept")).toBeUndefined();
  await open().put("values", "again", 2);
  expect(await open().get("values", "again")).toMatchObject({ value: 2 });
});

test("a database of an older version is brought to the newest with its data, once", async () => {
  await runInDurableObject(stubOf("old"), async (_object, state) => {
    const { sql } = state.storage;
    const first = ["CREATE TABLE notes (text TEXT)"];
    migrate(sql, first);
    sql.exec("INSERT INTO notes VALUES ('kept')");
    const both = [...first, "ALTER TABLE notes ADD COLUMN stars INTEGER DEFAULT 5"];
    migrate(sql, both);
    migrate(sql, both);
    expect(sql.exec("SELECT * FROM notes").toArray()).toEqual([{ text: "kept", stars: 5 }]);
    expect(() => migrate(sql, first)).toThrow(/version 2, and this Worker knows 1/);

    // A step that fails leaves the version and the tables as they were.
    const broken = [...both, "CREATE TABLE more (a TEXT); INSERT INTO missing VALUES (1)"];
    expect(() => state.storage.transactionSync(() => migrate(sql, broken))).toThrow(/missing/);
    migrate(sql, [...both, "CREATE TABLE more (a TEXT)"]);
    expect(sql.exec("SELECT version FROM schema_version").toArray()).toEqual([{ version: 3 }]);
  });
});
