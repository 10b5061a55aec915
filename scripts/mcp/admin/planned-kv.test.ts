import { expect, test } from "vitest";
import type { AccountKv } from "./account-kv.ts";
import { PlannedKv } from "./planned-kv.ts";

/** A namespace in memory, which counts the calls of the API. */
function open(values: Readonly<Record<string, string>>) {
  const calls: string[] = [];
  const account: AccountKv = {
    async listKeys(prefix) {
      calls.push(`list ${prefix}`);
      return Object.keys(values)
        .filter((name) => name.startsWith(prefix))
        .sort()
        .map((name) => ({ name }));
    },
    async readValues(names) {
      calls.push(`read ${names.length}`);
      return new Map(names.flatMap((name) => (name in values ? [[name, values[name] ?? ""]] : [])));
    },
    async writeKeys() {
      calls.push("write");
    },
    async deleteKeys() {
      calls.push("delete");
    },
  };
  return { kv: new PlannedKv(account), calls };
}

/** Keys `grant:<number>` whose values are their numbers. */
function makeGrants(count: number): Record<string, string> {
  const numbers = Array.from({ length: count }, (_, index) => String(index).padStart(5, "0"));
  return Object.fromEntries(numbers.map((number) => [`grant:${number}`, `"${number}"`]));
}

test("thousands of values cost one list and a bulk read for each hundred, in whatever order they are asked for", async () => {
  const { kv, calls } = open(makeGrants(2500));
  const seen: unknown[] = [];
  let cursor: string | undefined;
  do {
    const page = await kv.list({ prefix: "grant:", limit: 700, cursor });
    seen.push(...(await Promise.all(page.keys.map(({ name }) => kv.get(name, { type: "json" })))));
    cursor = page.cursor;
  } while (cursor !== undefined);
  expect(seen).toEqual(Array.from({ length: 2500 }, (_, index) => String(index).padStart(5, "0")));
  expect(await kv.get("grant:02499")).toBe('"02499"');
  expect(calls.filter((call) => call.startsWith("list"))).toEqual(["list grant:"]);
  expect(calls.filter((call) => call === "read 100")).toHaveLength(25);
  expect(calls).toHaveLength(26);
});

test("what is deleted is gone for the reader, in lists too, and stays in the account", async () => {
  const { kv, calls } = open(makeGrants(3));
  await kv.delete("grant:00001");
  await kv.delete("grant:00001");
  expect(await kv.get("grant:00001")).toBeNull();
  expect((await kv.list({ prefix: "grant:" })).keys.map(({ name }) => name)).toEqual([
    "grant:00000",
    "grant:00002",
  ]);
  expect(kv.deleted).toEqual(["grant:00001"]);
  expect(calls).not.toContain("delete");
});

test("a page goes on behind its last key although that was deleted meanwhile", async () => {
  const { kv } = open(makeGrants(4));
  const first = await kv.list({ prefix: "grant:", limit: 2 });
  for (const { name } of first.keys) await kv.delete(name);
  const second = await kv.list({ prefix: "grant:", limit: 2, cursor: first.cursor });
  expect(second.keys.map(({ name }) => name)).toEqual(["grant:00002", "grant:00003"]);
  expect(second.list_complete).toBe(true);
});

test("a key outside of every list is looked for by itself, and may be missing", async () => {
  const { kv, calls } = open({ "client:a": "{}", "client:ab": "{}" });
  expect(await kv.get("client:a", "json")).toEqual({});
  expect(await kv.get("client:none")).toBeNull();
  expect(calls[0]).toBe("list client:a");
});
