import { reset, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, expect, test, vi } from "vitest";
import { workerEnv } from "../../../tests/support/worker/worker-env.ts";
import { findTransaction } from "./store.ts";

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
  expect((await look(stub)).rows).toEqual(["used:a", "used:b"]);
});

test("what counts no more is forgotten, and with the last of it everything", async () => {
  const stub = findTransaction(workerEnv, "pages:FRA");
  const start = Date.now();
  expect(await stub.useUp("a", start + minute)).toBe(true);
  expect(await stub.useUp("b", start + 3 * minute)).toBe(true);
  expect((await look(stub)).alarm).toBe(start + minute);
  const now = vi.spyOn(Date, "now").mockImplementation(() => start + 1.5 * minute);
  await runDurableObjectAlarm(stub as never);
  expect(await look(stub)).toEqual({ rows: ["used:b"], alarm: start + 3 * minute });
  now.mockImplementation(() => start + 3 * minute);
  await runDurableObjectAlarm(stub as never);
  expect(await look(stub)).toEqual({ rows: [], alarm: null });
});
