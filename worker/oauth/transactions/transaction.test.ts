import { reset, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, expect, test, vi } from "vitest";
import { workerEnv } from "../../../tests/support/worker/worker-env.ts";
import { findTransaction } from "./store.ts";
import type { Transaction } from "./transaction.ts";

afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

const minute = 60_000;

/** The names that an object holds, and when it wakes. */
function look(stub: ReturnType<typeof findTransaction>) {
  return runInDurableObject(stub as never, async (_object, { storage }) => ({
    rows: [...storage.kv.list()].map(([name]) => name),
    alarm: await storage.getAlarm(),
  }));
}

test("each of many things is used up once, of many at the same moment too, and not when its time is over", async () => {
  const stub = findTransaction(workerEnv, "pages:FRA");
  const until = Date.now() + minute;
  const names = ["a", "b"];
  const all = names.flatMap((name) => Array.from({ length: 5 }, () => stub.useUp(name, until)));
  expect((await Promise.all(all)).filter(Boolean)).toHaveLength(names.length);
  expect(await stub.useUp("c", Date.now())).toBe(false);
  expect((await look(stub)).rows).toEqual([`used:${until}:a`, `used:${until}:b`]);
});

test("what counts no more is forgotten, and with the last of it everything", async () => {
  const stub = findTransaction(workerEnv, "pages:FRA");
  const start = Date.now();
  expect(await stub.useUp("a", start + minute)).toBe(true);
  expect(await stub.useUp("b", start + 3 * minute)).toBe(true);
  expect((await look(stub)).alarm).toBe(start + minute);
  const now = vi.spyOn(Date, "now").mockImplementation(() => start + 1.5 * minute);
  await runDurableObjectAlarm(stub as never);
  expect(await look(stub)).toEqual({
    rows: [`used:${start + 3 * minute}:b`],
    alarm: start + 3 * minute,
  });
  now.mockImplementation(() => start + 3 * minute);
  await runDurableObjectAlarm(stub as never);
  expect(await look(stub)).toEqual({ rows: [], alarm: null });
});

test("more than an isolate should look at together is forgotten by one alarm after the other", async () => {
  const stub = findTransaction(workerEnv, "pages:FRA");
  const start = Date.now();
  await runInDurableObject(stub as never, (_object, { storage }) => {
    for (let index = 0; index < 2500; index += 1) storage.kv.put(`used:${start}:${index}`, start);
  });
  expect(await stub.useUp("later", start + minute)).toBe(true);
  const counts: number[] = [];
  for (let run = 0; run < 3; run += 1) {
    await runInDurableObject(stub as never, (object) => (object as unknown as Transaction).alarm());
    counts.push((await look(stub)).rows.length);
  }
  expect(counts).toEqual([1501, 501, 1]);
  expect((await look(stub)).alarm).toBeGreaterThanOrEqual(start + minute);
});
