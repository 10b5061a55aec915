import type { KVNamespace } from "@cloudflare/workers-types";
import { afterEach, expect, test, vi } from "vitest";
import { workerEnv } from "../../../tests/support/worker/worker-env.ts";
import { kvCopyTime, recordTime } from "../gate/recent-records.ts";
import { longestClient, withRecentClients } from "./recent-clients.ts";

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
