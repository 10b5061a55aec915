import { evictDurableObject, reset } from "cloudflare:test";
import type { KVNamespace } from "@cloudflare/workers-types";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { advance } from "../../tests/support/worker/advance.ts";
import { OAuthWorker } from "../../tests/support/worker/oauth-worker.ts";
import { workerEnv } from "../../tests/support/worker/worker-env.ts";
import { findGrant } from "./gate/well-formed-token.ts";

const realKv = workerEnv.OAUTH_KV;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});

afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

/** KV whose writes fail while `isDown` says so of a key. */
function breakWrites(isDown: (key: string) => boolean): KVNamespace {
  return new Proxy(realKv, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) =>
        name === "put" && isDown(String(args[0]))
          ? Promise.reject(new Error("KV is down"))
          : (Reflect.apply(member, target, args) as Promise<unknown>);
    },
  });
}

async function listKeys(prefix: string): Promise<string[]> {
  return (await realKv.list({ prefix })).keys.map(({ name }) => name);
}

async function readGrant(token: string): Promise<Record<string, unknown>> {
  const { userId = "", grantId = "" } = findGrant(token) ?? {};
  return JSON.parse((await realKv.get(`grant:${userId}:${grantId}`)) ?? "null") as never;
}

test("a token whose answer was used gets no tokens after 60 seconds, and ends its family", async () => {
  const worker = new OAuthWorker();
  const { clientId, tokens } = await worker.logIn();
  const first = await worker.refresh(clientId, tokens.refresh_token);
  expect((await worker.call(first.access_token)).status).toBe(200);
  await worker.seesUse(first);
  // The client has not refreshed again: the library alone would give the old token new ones.
  advance(75);
  expect(await worker.refresh(clientId, tokens.refresh_token)).toMatchObject({
    status: 400,
    error: "invalid_grant",
  });
  expect((await worker.refresh(clientId, first.refresh_token)).error).toBe("invalid_grant");
  expect((await worker.call(first.access_token)).status).toBe(401);
  expect(await listKeys("grant:")).toEqual([]);
  expect(await listKeys("token:")).toEqual([]);
});

test("each replaced token of a family is known for what it is, however many came after it", async () => {
  const worker = new OAuthWorker();
  const { clientId, tokens } = await worker.logIn();
  let newest = tokens;
  // A thief who rotates on, so that the library has forgotten the client's token.
  for (let turn = 0; turn < 4; turn++) {
    newest = await worker.refresh(clientId, newest.refresh_token);
    expect(newest.status).toBe(200);
    advance(1);
  }
  advance(3600);
  await evictDurableObject(worker.gate(tokens.refresh_token) as never);
  expect((await worker.refresh(clientId, tokens.refresh_token)).error).toBe("invalid_grant");
  expect((await worker.refresh(clientId, newest.refresh_token)).error).toBe("invalid_grant");
});

test("neither a guess nor another client ends a family", async () => {
  const worker = new OAuthWorker();
  const { clientId, tokens } = await worker.logIn();
  const first = await worker.refresh(clientId, tokens.refresh_token);
  const second = await worker.refresh(clientId, first.refresh_token);
  const stranger = await worker.register();
  const guess = `${tokens.refresh_token.slice(0, -4)}wxyz`;
  for (const wait of [0, 75]) {
    advance(wait);
    expect((await worker.refresh(clientId, guess)).error).toBe("invalid_grant");
    for (const stolen of [tokens, first, second]) {
      expect((await worker.refresh(stranger, stolen.refresh_token)).error).toBe("invalid_grant");
    }
    expect((await worker.refresh("nobody", tokens.refresh_token)).error).toBe("invalid_client");
  }
  expect((await worker.refresh(clientId, second.refresh_token)).status).toBe(200);
});

test("within 60 seconds a token gets one answer, whatever comes with it", async () => {
  const worker = new OAuthWorker();
  const { clientId, tokens } = await worker.logIn();
  const { origin } = worker.settings;
  const requests: Record<string, string>[] = [
    {},
    { resource: `${origin}/mcp` },
    { scope: "demo:use" },
    { scope: "demo:use", resource: `${origin}/mcp` },
    { anything: "else" },
  ];
  const answers = await Promise.all(
    requests.map((more) => worker.refresh(clientId, tokens.refresh_token, more)),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(new Set(answers.map(({ refresh_token }) => refresh_token)).size).toBe(1);
  expect(new Set(answers.map(({ access_token }) => access_token)).size).toBe(1);
  const [answer] = answers;
  expect((await worker.call(answer?.access_token ?? "")).status).toBe(200);

  const refused: [Record<string, string>, string][] = [
    [{ scope: "demo:use demo:write" }, "invalid_scope"],
    [{ scope: "demo:write" }, "invalid_scope"],
    [{ resource: `${origin}/sse` }, "invalid_target"],
    [{ resource: "https://evil.example/mcp" }, "invalid_target"],
  ];
  for (const [more, error] of refused) {
    const refusal = await worker.refresh(clientId, tokens.refresh_token, more);
    expect(refusal, JSON.stringify(more)).toMatchObject({ status: 400, error });
    expect(refusal.access_token).toBeUndefined();
  }
  // Nobody lost anything by it.
  expect((await worker.refresh(clientId, answer?.refresh_token ?? "")).status).toBe(200);
});

test("two refreshes at once that both ask for too much get the same, and no more than was allowed", async () => {
  const worker = new OAuthWorker();
  const { clientId, tokens } = await worker.logIn();
  const wide = { scope: "demo:use demo:write" };
  const [one, two] = await Promise.all([
    worker.refresh(clientId, tokens.refresh_token, wide),
    worker.refresh(clientId, tokens.refresh_token, wide),
  ]);
  expect([one.status, two.status]).toEqual([200, 200]);
  expect(two.access_token).toBe(one.access_token);
  expect(one.scope).toBe("demo:use");
  const refused = await worker.call(one.access_token, "put", { name: "a", value: 1 });
  expect(refused.status).toBe(403);
});

test("a client that lost an answer gets the same one until the next day, and no other", async () => {
  const worker = new OAuthWorker();
  const { clientId, tokens } = await worker.logIn();
  const lost = await worker.refresh(clientId, tokens.refresh_token);
  for (const wait of [600, 12 * 3600, 11 * 3600]) {
    advance(wait);
    await evictDurableObject(worker.gate(tokens.refresh_token) as never);
    const again = await worker.refresh(clientId, tokens.refresh_token);
    expect([again.access_token, again.refresh_token]).toEqual([
      lost.access_token,
      lost.refresh_token,
    ]);
  }
  const next = await worker.refresh(clientId, lost.refresh_token);
  expect(next.status).toBe(200);
  expect((await worker.call(next.access_token)).status).toBe(200);
});

test("a day after a lost answer the old token is refused like every replaced one", async () => {
  const worker = new OAuthWorker();
  const { clientId, tokens } = await worker.logIn();
  await worker.refresh(clientId, tokens.refresh_token);
  advance(24 * 3600 + 1);
  expect((await worker.refresh(clientId, tokens.refresh_token)).error).toBe("invalid_grant");
});

test("an access token that is used or given back shows that its answer arrived", async () => {
  const worker = new OAuthWorker();
  for (const use of ["call", "strict", "revocation"]) {
    const { clientId, tokens } = await worker.logIn();
    const first = await worker.refresh(clientId, tokens.refresh_token);
    if (use === "call") await worker.call(first.access_token);
    // As each call does with `strictRevocation`, and one whose token KV does not show yet.
    if (use === "strict") await worker.gate(first.access_token).look(await toKey(first));
    if (use === "revocation") {
      await worker.token({ client_id: clientId, token: first.access_token });
    }
    await worker.seesUse(first);
    advance(61);
    const late = await worker.refresh(clientId, tokens.refresh_token);
    expect(late.error, use).toBe("invalid_grant");
  }
});

async function toKey({ access_token: token }: { readonly access_token: string }) {
  const { digest } = await import("../digest.ts");
  const { userId, grantId } = findGrant(token) ?? {};
  return `token:${userId}:${grantId}:${await digest(token)}`;
}

test("a call tells the gate once of a token from a refresh, and never of one from a code", async () => {
  const worker = new OAuthWorker();
  const { clientId, tokens } = await worker.logIn();
  const refreshed = await worker.refresh(clientId, tokens.refresh_token);
  const asked: string[] = [];
  const gates = worker.env.TOKEN_GATES;
  const counting = new Proxy(gates, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        if (name === "get") asked.push("gate");
        return Reflect.apply(member, target, args) as unknown;
      };
    },
  });
  Object.assign(worker, { env: { ...worker.env, TOKEN_GATES: counting } });
  for (const _call of [1, 2, 3]) await worker.call(tokens.access_token);
  expect(asked).toEqual([]);
  for (const _call of [1, 2, 3]) await worker.call(refreshed.access_token);
  expect(asked).toEqual(["gate"]);
});

test.each(["grant", "token"])(
  "a rotation that broke off while KV took no %s can be asked for again, also after a restart",
  async (what) => {
    const worker = new OAuthWorker();
    const { clientId, tokens } = await worker.logIn();
    const gate = worker.gate(tokens.refresh_token);
    const down = breakWrites((key) => key.startsWith(`${what}:`));
    await worker.changeGate(tokens.refresh_token, { OAUTH_KV: down });
    expect((await worker.refresh(clientId, tokens.refresh_token)).status).toBe(503);
    // Neither does a request with a mistake in between make it one that was used.
    await evictDurableObject(gate as never);
    const mistake = await worker.refresh(clientId, tokens.refresh_token, { scope: "nothing" });
    expect(mistake.error).toBe("invalid_scope");
    await evictDurableObject(gate as never);
    advance(3600);
    const answer = await worker.refresh(clientId, tokens.refresh_token);
    expect(answer.status).toBe(200);
    expect((await worker.call(answer.access_token)).status).toBe(200);
    await worker.seesUse(answer);
    advance(61);
    expect((await worker.refresh(clientId, tokens.refresh_token)).error).toBe("invalid_grant");
  },
);

test("the last token of a grant that an older version wrote is refused, and ends nothing", async () => {
  const worker = new OAuthWorker();
  const { clientId, tokens } = await worker.logIn();
  const first = await worker.refresh(clientId, tokens.refresh_token);
  const { replacedTokens, ...older } = await readGrant(tokens.refresh_token);
  expect(replacedTokens).toHaveLength(1);
  const [key = ""] = await listKeys("grant:");
  await realKv.put(key, JSON.stringify(older));
  await worker.call(first.access_token);
  await worker.seesUse(first);
  advance(200);
  await evictDurableObject(worker.gate(tokens.refresh_token) as never);
  expect((await worker.refresh(clientId, tokens.refresh_token)).error).toBe("invalid_grant");
  const next = await worker.refresh(clientId, first.refresh_token);
  expect(next.status).toBe(200);
  // From here on it is known.
  await worker.refresh(clientId, next.refresh_token);
  advance(61);
  expect((await worker.refresh(clientId, first.refresh_token)).error).toBe("invalid_grant");
  expect(await listKeys("grant:")).toEqual([]);
});

test("a gate that knows better than KV gives no second answer", async () => {
  const worker = new OAuthWorker();
  const { clientId, tokens } = await worker.logIn();
  const [key = ""] = await listKeys("grant:");
  const before = (await realKv.get(key)) ?? "";
  const lost = await worker.refresh(clientId, tokens.refresh_token);
  advance(180);
  // KV shows the record of before the refresh, longer than the gate remembers its own.
  await realKv.put(key, before);
  const again = await worker.refresh(clientId, tokens.refresh_token);
  expect(again.refresh_token).toBe(lost.refresh_token);
});

/** A grant's record after many rotations. @param seconds between two. */
async function rotate(record: string, from: number, count: number, seconds: number) {
  const { noteReplaced } = await import("./gate/replaced-tokens.ts");
  let rotated = record;
  for (let turn = from; turn < from + count; turn++) {
    const { at, ...grant } = JSON.parse(rotated) as { at: number };
    const now = at + seconds;
    const ids = { refreshTokenId: toId(turn), previousRefreshTokenId: toId(turn - 1) };
    rotated = noteReplaced(JSON.stringify({ ...grant, ...ids, at: now }), now * 1000);
  }
  return rotated;
}

function toId(turn: number): string {
  return turn.toString(16).padStart(64, "0").split("").toReversed().join("");
}

test("what a grant keeps of its replaced tokens stays small, and no haste makes it forget the client's", async () => {
  const { findStanding } = await import("./gate/replaced-tokens.ts");
  const first = JSON.stringify({ refreshTokenId: toId(0), at: 0 });
  const old = await rotate(first, 1, 1000, 3600);
  expect(old.length).toBeLessThan(9000);
  expect(findStanding(old, toId(1000))).toBe("current");
  expect(findStanding(old, toId(999))).toBe("replaced");
  expect(findStanding(old, toId(800))).toBe("replaced");
  expect(findStanding(old, toId(100))).toBe("unknown");
  // The client has number 1000. Somebody takes it, and refreshes as fast as the server lets them.
  const taken = await rotate(old, 1001, 1, 600);
  for (const [count, seconds] of [
    [600, 0],
    [600, 1],
  ] as const) {
    const hurried = await rotate(taken, 1002, count, seconds);
    expect(hurried.length).toBeLessThan(9000);
    expect(findStanding(hurried, toId(1000))).toBe("replaced");
  }
});
