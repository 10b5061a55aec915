import { expect, test } from "vitest";
import { workerEnv } from "../../../tests/support/worker/worker-env.ts";
import { workerSettings } from "../../../tests/support/worker-settings.ts";
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
  const guarded = { request, env: { ...workerEnv, TOKEN_LIMIT }, settings: workerSettings };
  let passed: { text: string; authorization: string | null } | undefined;
  const answer = await guardToken(guarded, async (through, form) => {
    passed = { text: form.toString(), authorization: through.headers.get("authorization") };
    return new Response("through");
  });
  return { answer, passed, keys };
}

test("a request goes through as it came", async () => {
  const body = "grant_type=refresh_token&refresh_token=u%3Ag%3As&scope=a%20b";
  const text = new URLSearchParams(body).toString();
  expect((await send(body)).passed).toEqual({ text, authorization: "Basic YTpi" });
});

const token = `${"u".repeat(22)}:${"g".repeat(16)}:${"s".repeat(32)}`;

test("only the address is counted: nobody uses up a grant's share from elsewhere", async () => {
  for (const body of [
    `grant_type=authorization_code&code=${token}`,
    `grant_type=refresh_token&refresh_token=${token}`,
    `token=${token}`,
    "refresh_token=rubbish",
  ]) {
    const { keys } = await send(body);
    expect(keys, body).toEqual([expect.stringMatching(/^address:[0-9a-f]{64}$/)]);
  }
});

test("an address over its share is refused, and nothing is asked", async () => {
  const { answer, passed } = await send(`token=${token}`, () => false);
  expect(answer.status).toBe(429);
  expect(answer.headers.get("retry-after")).toBe("60");
  expect(await answer.json()).toMatchObject({ error: "temporarily_unavailable" });
  expect(passed).toBeUndefined();
});
