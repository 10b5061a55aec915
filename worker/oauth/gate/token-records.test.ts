import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { recordTime } from "./recent-records.ts";
import { mostRecords, TokenRecords } from "./token-records.ts";

const grant = { userId: "u".repeat(22), grantId: "g".repeat(16) };
const toKey = (name: string, grantId = grant.grantId) => `token:${grant.userId}:${grantId}:${name}`;

let records: TokenRecords;
beforeEach(() => {
  records = new TokenRecords();
});

afterEach(() => {
  vi.useRealTimers();
});

/** KV with one answer, which counts how often it was asked. */
function answering(record: string | null) {
  return vi.fn(async () => record);
}

test("a record is asked for once in its time, and again after it", async () => {
  const now = Date.now();
  vi.setSystemTime(now);
  const read = answering("record");
  for (const later of [0, 1, recordTime - 1]) {
    vi.setSystemTime(now + later);
    expect(await records.find(toKey("a"), read)).toBe("record");
  }
  expect(read).toHaveBeenCalledTimes(1);
  vi.setSystemTime(now + recordTime);
  await records.find(toKey("a"), read);
  expect(read).toHaveBeenCalledTimes(2);
  // A clock that goes back prolongs nothing.
  vi.setSystemTime(now - recordTime);
  await records.find(toKey("a"), read);
  expect(read).toHaveBeenCalledTimes(3);
});

test("its time begins when KV is asked, not when KV answers", async () => {
  const now = Date.now();
  vi.setSystemTime(now);
  const slow = async () => {
    vi.setSystemTime(now + recordTime - 1);
    return "old";
  };
  await records.find(toKey("a"), slow);
  vi.setSystemTime(now + recordTime);
  expect(await records.find(toKey("a"), answering(null))).toBeNull();
});

test("that there is none is never kept, and an outage neither", async () => {
  const read = answering(null);
  for (const _ of [1, 2]) expect(await records.find(toKey("a"), read)).toBeNull();
  expect(read).toHaveBeenCalledTimes(2);
  await expect(records.find(toKey("a"), () => Promise.reject(new Error("KV")))).rejects.toThrow();
  expect(await records.find(toKey("a"), answering("record"))).toBe("record");
});

test("a grant that ended is forgotten with all its tokens, and no other", async () => {
  const other = toKey("a", "o".repeat(16));
  for (const key of [toKey("a"), toKey("b"), other]) await records.find(key, answering("record"));
  records.forget(grant);
  const read = answering(null);
  expect(await records.find(toKey("a"), read)).toBeNull();
  expect(await records.find(toKey("b"), read)).toBeNull();
  expect(await records.find(other, read)).toBe("record");
});

test("what was being read while the grant ended is not kept", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const reading = records.find(toKey("a"), () => promise);
  records.forget(grant);
  resolve("record");
  expect(await reading).toBe("record");
  expect(await records.find(toKey("a"), answering(null))).toBeNull();
});

test("no more are kept than there may be, and none whose time is over", async () => {
  const now = Date.now();
  vi.setSystemTime(now);
  for (let number = 0; number < mostRecords + 10; number++) {
    await records.find(toKey(`${number}`), answering("record"));
  }
  expect(records.size).toBe(mostRecords);
  const read = answering("record");
  await records.find(toKey("10"), read);
  expect(read).not.toHaveBeenCalled();
  await records.find(toKey("9"), read);
  expect(read).toHaveBeenCalledTimes(1);
  vi.setSystemTime(now + recordTime);
  await records.find(toKey("new"), read);
  expect(records.size).toBe(1);
});
