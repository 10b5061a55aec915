import { env } from "cloudflare:test";
import { expect, test } from "vitest";
import { workerBindings, workerSettings } from "../../../tests/support/worker-settings.ts";
import type { WorkerEnv } from "../../env.ts";
import { guardToken } from "./guard-token.ts";

/** Sends a token request. @returns the answer, what came through, and which counters were asked. */
async function send(body: string, counts: (key: string) => boolean = () => true) {
  const keys: string[] = [];
  const TOKEN_LIMIT = {
    limit: async ({ key }: { key: string }) => {
      keys.push(key);
      return { success: counts(key) };
    },
  };
  const request = new Request(`${workerSettings.origin}/token`, {
    method: "POST",
    headers: {
      "cf-connecting-ip": "203.0.113.1",
      "content-type": "application/x-www-form-urlencoded",
      authorization: "Basic YTpi",
    },
    body,
  });
  const workerEnv = { ...(env as unknown as WorkerEnv), ...workerBindings, TOKEN_LIMIT };
  const guarded = { request, env: workerEnv, settings: workerSettings };
  let passed: { text: string; authorization: string | null } | undefined;
  const answer = await guardToken(guarded, async (through) => {
    const text = new TextDecoder().decode(await through.arrayBuffer());
    passed = { text, authorization: through.headers.get("authorization") };
    return new Response("through");
  });
  return { answer, passed, keys };
}

test("a request goes through as it came", async () => {
  const body = "grant_type=refresh_token&refresh_token=u%3Ag%3As&scope=a%20b";
  expect((await send(body)).passed).toEqual({ text: body, authorization: "Basic YTpi" });
});

/** A code or token as this server makes them. */
const toToken = (grant: string, secret: string) =>
  `${"u".repeat(22)}:${grant.padEnd(16, "g")}:${secret.repeat(32)}`;

test("a grant that the request is not about is not counted", async () => {
  const own = `grant_type=refresh_token&refresh_token=${toToken("own", "a")}`;
  const { keys } = await send(own);
  expect((await send(`${own}&code=${toToken("other", "b")}&token=x`)).keys).toEqual(keys);
});

test.each([
  "grant_type=authorization_code&code",
  "grant_type=refresh_token&refresh_token",
  "token",
])("the grant of a %s is counted, whichever of its secrets comes", async (field) => {
  const one = await send(`${field}=${toToken("one", "a")}`);
  const two = await send(`${field}=${toToken("one", "b")}`);
  const other = await send(`${field}=${toToken("other", "a")}`);
  expect(one.keys).toHaveLength(2);
  expect(one.keys).toEqual(two.keys);
  expect(one.keys[0]).toBe(other.keys[0]);
  expect(one.keys[1]).not.toBe(other.keys[1]);
  expect(one.keys.join()).not.toContain("uuuu");
});

test("what belongs to no grant is counted for its address only", async () => {
  expect((await send("refresh_token=rubbish")).keys).toHaveLength(1);
});

test("a grant over its share is refused though its address is not", async () => {
  const { answer, passed } = await send(
    `grant_type=authorization_code&code=${toToken("one", "a")}`,
    (key) => !key.startsWith("grant:"),
  );
  expect(answer.status).toBe(429);
  expect(answer.headers.get("retry-after")).toBe("60");
  expect(await answer.json()).toMatchObject({ error: "temporarily_unavailable" });
  expect(passed).toBeUndefined();
});
