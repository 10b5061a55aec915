import { expect, test, vi } from "vitest";
import { workerEnv } from "../../tests/support/worker/worker-env.ts";
import { readOnce } from "./read-once.ts";

/** An environment whose KV answers with how often it was asked. */
function count() {
  const get = vi.fn(async (key: string) => `${key} ${get.mock.calls.length}`);
  const OAUTH_KV = { get, put: vi.fn(async () => undefined), delete: vi.fn(async () => undefined) };
  return { env: { ...workerEnv, OAUTH_KV: OAUTH_KV as never }, get };
}

const request = () => new Request("https://mcp.example/authorize");

test("a client is read once for a request, through whichever environment of it", async () => {
  const { env, get } = count();
  const one = request();
  const first = await readOnce(env, one).OAUTH_KV.get("client:a");
  expect(await readOnce(env, one).OAUTH_KV.get("client:a")).toBe(first);
  expect(get).toHaveBeenCalledTimes(1);
  await readOnce(env, request()).OAUTH_KV.get("client:a");
  expect(get).toHaveBeenCalledTimes(2);
});

test("what was written or taken is read anew, and so is everything else", async () => {
  const { env, get } = count();
  const { OAUTH_KV } = readOnce(env, request());
  await OAUTH_KV.get("client:a");
  await OAUTH_KV.put("client:a", "new");
  await OAUTH_KV.get("client:a");
  await OAUTH_KV.delete("client:a");
  await OAUTH_KV.get("client:a");
  expect(get).toHaveBeenCalledTimes(3);
  for (const _ of [1, 2]) await OAUTH_KV.get("grant:a:b");
  expect(get).toHaveBeenCalledTimes(5);
});

test("a failure is not kept", async () => {
  const { env, get } = count();
  get.mockRejectedValueOnce(new Error("KV is down"));
  const { OAUTH_KV } = readOnce(env, request());
  await expect(OAUTH_KV.get("client:a")).rejects.toThrow("KV is down");
  expect(await OAUTH_KV.get("client:a")).toBe("client:a 2");
});
