import type { KVNamespace } from "@cloudflare/workers-types";
import { afterEach, expect, test, vi } from "vitest";
import { workerEnv } from "../../../tests/support/worker/worker-env.ts";
import { kvCopyTime, recordTime } from "../gate/recent-records.ts";
import { longestClient, withNewClients, withRecentClients } from "./recent-clients.ts";

afterEach(() => {
  vi.useRealTimers();
});

/** A namespace that counts how often each key is read, and how fresh that had to be. */
function counting(find: (key: string) => string | null) {
  const reads: string[] = [];
  const get = async (key: string, options?: string | { readonly cacheTtl?: number }) => {
    const { cacheTtl } = typeof options === "object" ? options : {};
    reads.push(`${key} ${cacheTtl}`);
    return find(key);
  };
  const OAUTH_KV = { get } as unknown as KVNamespace;
  return { reads, open: () => withRecentClients({ ...workerEnv, OAUTH_KV }).OAUTH_KV };
}

test("the requests of a login ask Workers KV once for their client, and again after half a minute", async () => {
  const { reads, open } = counting(() => "record");
  const now = Date.now();
  for (const later of [0, 1000, recordTime - 1]) {
    vi.setSystemTime(now + later);
    expect(await open().get("client:a", { type: "text" })).toBe("record");
  }
  expect(reads).toEqual([`client:a ${kvCopyTime}`]);
  vi.setSystemTime(now + recordTime);
  await open().get("client:a");
  expect(reads).toHaveLength(2);
});

test("neither an unknown client is kept, nor one with a long record, nor anything else", async () => {
  const long = "x".repeat(longestClient + 1);
  const { reads, open } = counting((key) => (key === "client:none" ? null : long));
  for (const key of ["client:none", "client:long", "grant:a:b"]) {
    await open().get(key, { type: "text" });
    await open().get(key, { type: "text" });
  }
  expect(reads).toHaveLength(6);
});

test("a client that has just registered here is not asked for, once Workers KV has taken it", async () => {
  const taken: string[] = [];
  const reads: string[] = [];
  let isDown = true;
  const OAUTH_KV = {
    get: async (key: string) => {
      reads.push(key);
      return null;
    },
    put: async (key: string) => {
      if (isDown) throw new Error("KV is down");
      taken.push(key);
    },
  } as unknown as KVNamespace;
  const env = { ...workerEnv, OAUTH_KV };
  const put = (key: string, value: string) => withNewClients(env).OAUTH_KV.put(key, value);
  const get = (key: string) => withRecentClients(env).OAUTH_KV.get(key, "text");
  await expect(put("client:a", "record")).rejects.toThrow("KV is down");
  expect(await get("client:a")).toBeNull();
  isDown = false;
  await put("client:a", "record");
  await put("client:long", "x".repeat(longestClient + 1));
  await put("grant:u:g", "grant");
  expect(taken).toEqual(["client:a", "client:long", "grant:u:g"]);
  reads.length = 0;
  expect(await get("client:a")).toBe("record");
  for (const key of ["client:long", "grant:u:g"]) expect(await get(key)).toBeNull();
  expect(reads).toEqual(["client:long", "grant:u:g"]);
  vi.setSystemTime(Date.now() + recordTime);
  expect(await get("client:a")).toBeNull();
});
