import { evictDurableObject, reset, runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, expect, test, vi } from "vitest";
import { advance } from "../../../tests/support/worker/advance.ts";
import { OAuthWorker } from "../../../tests/support/worker/oauth-worker.ts";
import { realKv, wrapKv } from "../../../tests/support/worker/wrapped-kv.ts";
import { revokeGrant } from "../revoke.ts";
import { toEndedKey } from "./ended-outside.ts";
import { findGrant } from "./well-formed-token.ts";

afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

/** A code that is exchanged at once, where KV refuses to write the grant again so many times. */
async function redeemAtOnce(refusals: number) {
  vi.useFakeTimers({ toFake: ["Date"] });
  // No alarm comes by itself.
  advance(24 * 3600);
  const worker = new OAuthWorker();
  const clientId = await worker.register();
  const code = await worker.authorize(clientId);
  const state = { refusals, isReadable: true };
  const busy = wrapKv({
    get: (key, go) =>
      state.isReadable || !String(key).startsWith("ended:")
        ? go()
        : Promise.reject(new Error("KV GET failed: 500")),
    put: (key, go) =>
      String(key).startsWith("grant:") && state.refusals-- > 0
        ? Promise.reject(new Error("KV PUT failed: 429 Too Many Requests"))
        : go(),
  });
  await worker.changeGate(code, { OAUTH_KV: busy });
  const tokens = await worker.exchange(clientId, code);
  expect(tokens.status).toBe(200);
  const grant = findGrant(code);
  if (grant === undefined) throw new Error("The code names no grant.");
  return {
    worker,
    clientId,
    code,
    grant,
    tokens,
    state,
    /** What KV has of grants: until when, and what a list shows. */
    async readStored() {
      const { keys } = await realKv.list({ prefix: "grant:" });
      return keys.map(({ expiration = 0, metadata }) => ({ expiration, metadata }));
    },
    async runAlarm(seconds: number) {
      advance(seconds);
      return runDurableObjectAlarm(worker.gate(code) as never);
    },
    redeemAgain: async () => (await worker.exchange(clientId, code)).error,
    refresh: async () => (await worker.refresh(clientId, tokens.refresh_token)).status,
  };
}

test("a code that comes within a second of its grant waits for nothing, and its grant is written a second later", async () => {
  const login = await redeemAtOnce(1);
  // Not tried again before the answer.
  expect(login.state.refusals).toBe(0);
  const [before] = await login.readStored();
  await evictDurableObject(login.worker.gate(login.code) as never);
  expect((await login.worker.call(login.tokens.access_token)).status).toBe(200);
  expect(await login.runAlarm(2)).toBe(true);
  const [after] = await login.readStored();
  // The first record would be gone after ten minutes.
  expect(after?.expiration).toBeGreaterThan((before?.expiration ?? 0) + 24 * 3600);
  expect(after?.metadata).toEqual(before?.metadata);
  await login.runAlarm(800);
  expect(await login.refresh()).toBe(200);
  expect(await login.redeemAgain()).toBe("invalid_grant");
});

test("whatever keeps the write for longer than a code lives, the code counts once and the grant is there", async () => {
  const login = await redeemAtOnce(Number.POSITIVE_INFINITY);
  for (let seconds = 0; seconds < 900; seconds += 61) {
    // KV may fail to say whether an operator ended the grant, too.
    login.state.isReadable = seconds % 2 === 0;
    expect(await login.runAlarm(61)).toBe(true);
  }
  login.state.isReadable = true;
  login.state.refusals = 0;
  await login.runAlarm(61);
  expect((await login.readStored())[0]?.expiration).toBeGreaterThan(Date.now() / 1000 + 3600);
  expect(await login.refresh()).toBe(200);
  expect(await login.redeemAgain()).toBe("invalid_grant");
});

test("an alarm that comes minutes late still writes the grant", async () => {
  const login = await redeemAtOnce(1);
  await login.runAlarm(300);
  expect((await login.readStored())[0]?.expiration).toBeGreaterThan(Date.now() / 1000 + 3600);
  expect(await login.refresh()).toBe(200);
});

test.for([
  ["its person", async ({ worker, grant }) => revokeGrant(worker.env, grant)],
  [
    "an operator",
    async ({ grant }) => {
      await realKv.put(toEndedKey(grant), "operator");
      for (const { name } of (await realKv.list({ prefix: "grant:" })).keys) {
        await realKv.delete(name);
      }
    },
  ],
  ["its code, which comes twice", async ({ redeemAgain }) => void (await redeemAgain())],
] satisfies [string, (login: Awaited<ReturnType<typeof redeemAtOnce>>) => Promise<void>][])(
  "a grant that %s ends before it is written does not come back",
  async ([, end]) => {
    const login = await redeemAtOnce(1);
    await end(login);
    await login.runAlarm(2);
    await login.runAlarm(61);
    expect(await login.readStored()).toEqual([]);
    expect(await login.refresh()).toBe(400);
  },
);

test("a refresh that KV refuses in that second leaves the newer record, which the alarm writes", async () => {
  const login = await redeemAtOnce(4);
  // Its own three tries.
  expect(await login.refresh()).toBe(429);
  expect(login.state.refusals).toBe(0);
  await login.runAlarm(2);
  expect((await login.readStored())[0]?.expiration).toBeGreaterThan(Date.now() / 1000 + 3600);
  await login.runAlarm(800);
  expect(await login.refresh()).toBe(200);
  expect(await login.redeemAgain()).toBe("invalid_grant");
});

test("a refresh that KV takes in that second leaves nothing to write", async () => {
  const login = await redeemAtOnce(1);
  expect(await login.refresh()).toBe(200);
  const written = await login.readStored();
  login.state.refusals = 1;
  await login.runAlarm(2);
  expect(login.state.refusals).toBe(1);
  expect(await login.readStored()).toEqual(written);
});
