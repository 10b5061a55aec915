import { reset, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, expect, test, vi } from "vitest";
import { workerEnv } from "../../../tests/support/worker/worker-env.ts";
import { Throttle } from "./throttle.ts";
import { findThrottle } from "./throttles.ts";
import { failureMemory, findWait, isStillCounted } from "./waiting-time.ts";

const rule = { free: 5, tightAfter: 12 };

afterEach(() => reset());

function find(name = "one") {
  return findThrottle(workerEnv, name);
}

/** Lets every failure of an object be so much older. */
async function age(milliseconds: number): Promise<void> {
  await runInDurableObject(find() as never, (_object: Throttle, { storage: { kv } }) => {
    const stored = [...kv.list<{ count: number; lastAt: number }>({ prefix: "failures:" })];
    for (const [key, { count, lastAt }] of stored) {
      kv.put(key, { count, lastAt: lastAt - milliseconds });
    }
  });
}

function countStored(): Promise<number> {
  return runInDurableObject(
    find() as never,
    (_object: Throttle, { storage }) => [...storage.kv.list()].length,
  );
}

test("each wait is twice the one before, up to a quarter of an hour", () => {
  const waits = Array.from({ length: 12 }, (_, count) => findWait({ count, lastAt: 0 }, 5, 0));
  const seconds = waits.map((wait) => wait / 1000);
  expect(seconds).toEqual([0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900]);
  expect(findWait({ count: 5, lastAt: 0 }, 5, 29_999)).toBe(1);
  expect(findWait({ count: 5, lastAt: 0 }, 5, 30_000)).toBe(0);
  expect(findWait({ count: 5, lastAt: 0 }, 5, 90_000)).toBe(0);
});

test("failures are remembered longer than anybody waits", () => {
  expect(failureMemory).toBeGreaterThan(findWait({ count: 99, lastAt: 0 }, 5, 0));
  expect(isStillCounted({ count: 1, lastAt: 0 }, failureMemory - 1)).toBe(true);
  expect(isStillCounted({ count: 1, lastAt: 0 }, failureMemory)).toBe(false);
});

test("of a hundred attempts at once five are made", async () => {
  const waits = await Promise.all(Array.from({ length: 100 }, () => find().attempt("a", rule)));
  expect(waits.filter((wait) => wait === 0)).toHaveLength(5);
  expect(Math.max(...waits)).toBe(30);
});

test("one caller's failures let nobody else wait", async () => {
  for (let attempts = 0; attempts < 9; attempts++) await find().attempt("attacker", rule);
  expect(await find().attempt("attacker", rule)).toBeGreaterThan(0);
  expect(await find().attempt("owner", rule)).toBe(0);
});

test("many callers together leave each new one a single guess", async () => {
  for (const caller of ["a", "b", "c"]) {
    for (let attempts = 0; attempts < 4; attempts++) await find().attempt(caller, rule);
  }
  expect(await find().attempt("owner", rule)).toBe(0);
  expect(await find().attempt("owner", rule)).toBeGreaterThan(0);
});

test("after the wait one attempt is made, and then the wait is longer", async () => {
  for (let attempts = 0; attempts < 5; attempts++) await find().attempt("a", rule);
  await age(30_000);
  expect(await find().attempt("a", rule)).toBe(0);
  expect(await find().attempt("a", rule)).toBe(60);
});

test("what is taken back or forgotten does not count", async () => {
  for (let attempts = 0; attempts < 20; attempts++) {
    expect(await find().attempt("a", rule)).toBe(0);
    await find().takeBack("a");
  }
  for (let attempts = 0; attempts < 4; attempts++) await find().attempt("a", rule);
  await find().forget("a");
  for (let attempts = 0; attempts < 5; attempts++) expect(await find().attempt("a", rule)).toBe(0);
});

test("an attempt reads its own caller's failures and the total, and no list of callers", async () => {
  for (const caller of ["a", "b", "c"]) {
    for (let attempts = 0; attempts < 4; attempts++) await find().attempt(caller, rule);
  }
  const lists = await runInDurableObject(find() as never, async (throttle: Throttle, state) => {
    const { kv } = state.storage;
    const list = vi.spyOn(kv, "list");
    expect(await throttle.attempt("d", rule)).toBe(0);
    expect(await throttle.attempt("d", rule)).toBeGreaterThan(0);
    await throttle.forget("a");
    await throttle.takeBack("b");
    // Of 13 failures 8 are left, so there is no more need to be strict.
    expect(await throttle.attempt("d", rule)).toBe(0);
    return list.mock.calls.length;
  });
  expect(lists).toBe(0);
});

test("of one account the failures of a thousand callers are kept, and nobody is kept out", async () => {
  await runInDurableObject(find() as never, async (throttle: Throttle, { storage: { kv } }) => {
    for (let caller = 0; caller < 1000; caller++) await throttle.attempt(`c${caller}`, rule);
    expect(await throttle.attempt("late", rule)).toBe(0);
    expect([...kv.list({ prefix: "failures:" })]).toHaveLength(1000);
    expect(await throttle.attempt("c1", rule)).toBeGreaterThan(0);
  });
});

test("the failures of a while ago do not count in the total, once the alarm has come", async () => {
  for (const caller of ["a", "b", "c"]) {
    for (let attempts = 0; attempts < 4; attempts++) await find().attempt(caller, rule);
  }
  await age(failureMemory);
  await find().attempt("d", rule);
  await runDurableObjectAlarm(find() as never);
  expect(await countStored()).toBe(1);
  expect(await find().attempt("d", rule)).toBe(0);
});

test("an object that counts nothing any more stores nothing", async () => {
  await find().attempt("a", rule);
  await age(failureMemory / 2);
  await find().attempt("b", rule);
  await age(failureMemory / 2);
  await runDurableObjectAlarm(find() as never);
  expect(await countStored()).toBe(1);
  await age(failureMemory);
  await runDurableObjectAlarm(find() as never);
  expect(await countStored()).toBe(0);
  expect(await runDurableObjectAlarm(find() as never)).toBe(false);
});

test("a day has its places and not one more, however many ask at once", async () => {
  const days = await Promise.all(Array.from({ length: 50 }, () => find().reserve(20)));
  const today = Math.floor(Date.now() / 86_400_000);
  expect(days.filter((day) => day === today)).toHaveLength(20);
  expect(days.filter((day) => day === "full")).toHaveLength(30);
  await find().giveBack(today);
  expect(await find().reserve(20)).toBe(today);
  expect(await find().reserve(20)).toBe("full");
});

test("what is counted outlives the object that counted it", async () => {
  await find().reserve(2);
  for (let attempts = 0; attempts < 4; attempts++) await find().attempt("a", rule);
  await runInDurableObject(find() as never, async (_object: Throttle, state) => {
    const next = new Throttle(state as never, workerEnv);
    expect(await next.reserve(2)).toBeTypeOf("number");
    expect(await next.reserve(2)).toBe("full");
    expect(await next.attempt("a", rule)).toBe(0);
    expect(await next.attempt("a", rule)).toBe(30);
  });
});

test("a new day begins with all its places, and what was given back of the old one counts for nothing", async () => {
  const today = Math.floor(Date.now() / 86_400_000);
  await runInDurableObject(find() as never, (_object: Throttle, { storage }) => {
    storage.kv.put("registrations", { day: today - 1, count: 2 });
  });
  expect(await find().reserve(2)).toBe(today);
  await find().giveBack(today - 1);
  expect(await find().reserve(2)).toBe(today);
  expect(await find().reserve(2)).toBe("full");
  await runInDurableObject(find() as never, (_object: Throttle, { storage }) => {
    storage.kv.put("registrations", { day: today - 1, count: 2 });
  });
  await runDurableObjectAlarm(find() as never);
  expect(await countStored()).toBe(0);
});

test("a site has a quarter of what a day has left, however many networks it speaks from", async () => {
  const places: unknown[] = [];
  for (let network = 0; network < 256; network++) {
    places.push(await find().reserve(500, [`network${network}`, "site"]));
  }
  expect(places.filter((place) => typeof place === "number")).toHaveLength(100);
  expect(await find().reserve(500, ["elsewhere", "another"])).toBeTypeOf("number");
});

test("yesterday's callers are forgotten, though today's came before the alarm", async () => {
  const today = Math.floor(Date.now() / 86_400_000);
  await runInDurableObject(find() as never, (_object: Throttle, { storage }) => {
    storage.kv.put("registrations", { day: today - 1, count: 2 });
    for (const caller of ["a", "b"]) {
      storage.kv.put(`registrations:${caller}`, { day: today - 1, count: 1 });
    }
  });
  await find().reserve(9, ["a"]);
  await runDurableObjectAlarm(find() as never);
  const names = await runInDurableObject(find() as never, (_object: Throttle, { storage }) =>
    [...storage.kv.list()].map(([name]) => name),
  );
  expect(names).toEqual(["registrations", "registrations:a"]);
});

test("one caller has a tenth of what a day has left, each further one too, and the day is never used up", async () => {
  const today = Math.floor(Date.now() / 86_400_000);
  const take = async (caller: string) => {
    const places = await Promise.all(
      Array.from({ length: 60 }, () => find().reserve(440, [caller])),
    );
    expect(new Set(places)).toEqual(new Set([today, "share"]));
    return places.filter((place) => place === today).length;
  };
  const taken = [];
  for (const caller of ["a", "b", "c", "d"]) taken.push(await take(caller));
  expect(taken).toEqual([40, 36, 33, 30]);
  // Who gives one back may take it again, and no other.
  await find().giveBack(today, ["a"]);
  expect(await find().reserve(440, ["e"])).toBe(today);
  // As long as there is any, whoever comes first has one.
  expect(await find().reserve(142, ["f"])).toBe(today);
  expect(await find().reserve(142, ["f"])).toBe("share");
});
