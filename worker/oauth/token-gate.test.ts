import {
  evictDurableObject,
  reset,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { afterEach, expect, test, vi } from "vitest";
import budgets from "../../tests/bench/budgets.json" with { type: "json" };
import { pkce } from "../../tests/support/pkce.ts";
import { advance } from "../../tests/support/worker/advance.ts";
import { OAuthWorker, userId } from "../../tests/support/worker/oauth-worker.ts";
import { hideNewKeys, realKv, wrapKv } from "../../tests/support/worker/wrapped-kv.ts";
import { workerSettings } from "../../tests/support/worker-settings.ts";
import { createAuthorizationServer } from "./authorization-server.ts";
import { toEndedKey } from "./gate/ended-outside.ts";
import { endOlderGrants } from "./gate/older-grants.ts";
import { findGrant } from "./gate/well-formed-token.ts";
import { type GrantName, revokeGrant } from "./revoke.ts";

const pairs = Array.from({ length: 50 }, (_, index) => index);

afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

async function readGrant(token: string): Promise<string | null> {
  const { userId: person = "", grantId = "" } = findGrant(token) ?? {};
  return realKv.get(`grant:${person}:${grantId}`);
}

async function countRows(worker: OAuthWorker, token: string): Promise<number> {
  return runInDurableObject(worker.gate(token) as never, async (_gate, { storage }) => {
    return (await storage.list()).size;
  });
}

test("of 50 pairs of refreshes at once none is lost and none doubled", async () => {
  const worker = new OAuthWorker();
  const { clientId, tokens } = await worker.logIn();
  let { refresh_token } = tokens;
  for (const pair of pairs) {
    const [one, two] = await Promise.all([
      worker.refresh(clientId, refresh_token),
      worker.refresh(clientId, refresh_token),
    ]);
    expect([one.status, two.status], `pair ${pair}`).toEqual([200, 200]);
    expect(two.access_token).toBe(one.access_token);
    expect(two.refresh_token).toBe(one.refresh_token);
    expect(one.refresh_token).not.toBe(refresh_token);
    refresh_token = one.refresh_token;
  }
  expect((await worker.refresh(clientId, refresh_token)).status).toBe(200);
});

test("of 50 codes sent twice at once each is paid once, and the replay ends the grant", async () => {
  const worker = new OAuthWorker();
  const clientId = await worker.register();
  for (const pair of pairs) {
    const code = await worker.authorize(clientId);
    const answers = await Promise.all([
      worker.exchange(clientId, code),
      worker.exchange(clientId, code),
    ]);
    const statuses = answers.map(({ status }) => status).toSorted();
    expect(statuses, `pair ${pair}`).toEqual([200, 400]);
    const paid = answers.find(({ status }) => status === 200);
    expect((await worker.call(paid?.access_token ?? "")).status).toBe(401);
    const refused = await worker.refresh(clientId, paid?.refresh_token ?? "");
    expect(refused.error).toBe("invalid_grant");
  }
});

test("where KV shows nothing new, a code, a token and a refresh token are good", async () => {
  const blind = new OAuthWorker({}, hideNewKeys());
  const clientId = await blind.register();
  const code = await blind.authorize(clientId);
  await blind.changeGate(code, { OAUTH_KV: hideNewKeys() });
  const first = await blind.exchange(clientId, code);
  expect(first.status).toBe(200);
  expect((await blind.call(first.access_token)).status).toBe(200);
  const second = await blind.refresh(clientId, first.refresh_token);
  expect((await blind.call(second.access_token)).status).toBe(200);
  // Ended, nothing is answered from memory.
  await revokeGrant(blind.env, findGrant(code) as never);
  expect((await blind.call(first.access_token)).status).toBe(401);
  expect((await blind.refresh(clientId, second.refresh_token)).error).toBe("invalid_grant");
  expect((await realKv.list({ prefix: "token:" })).keys).toEqual([]);
});

test("two processes that share a refresh token refresh in turn", async () => {
  const worker = new OAuthWorker();
  const { clientId, tokens } = await worker.logIn();
  const held = [tokens.refresh_token, tokens.refresh_token];
  for (let turn = 0; turn < 8; turn++) {
    const answer = await worker.refresh(clientId, held[turn % 2] ?? "");
    expect(answer.status).toBe(200);
    held[turn % 2] = answer.refresh_token;
  }
});

test("the answer of a rotation is given to nobody else, for no other scope, and never without the client", async () => {
  const worker = new OAuthWorker();
  const { clientSecret, clientId } = await worker.oauth.createClient({
    redirectUris: ["http://localhost:9999/callback"],
    tokenEndpointAuthMethod: "client_secret_post",
  });
  const secret = { client_secret: clientSecret ?? "" };
  const code = await worker.authorize(clientId);
  const { refresh_token } = await worker.token({
    grant_type: "authorization_code",
    client_id: clientId,
    ...secret,
    code,
    redirect_uri: "http://localhost:9999/callback",
    code_verifier: pkce.verifier,
  });
  const first = await worker.refresh(clientId, refresh_token, secret);
  expect(first.status).toBe(200);

  const stranger = await worker.register();
  expect((await worker.refresh(stranger, refresh_token)).error).toBe("invalid_grant");
  expect((await worker.refresh(clientId, refresh_token)).error).toBe("invalid_client");
  const wrong = await worker.refresh(clientId, refresh_token, { client_secret: "wrong" });
  expect(wrong.error).toBe("invalid_client");
  const again = await worker.refresh(clientId, refresh_token, secret);
  expect(again.refresh_token).toBe(first.refresh_token);

  // A client that is gone meanwhile gets nothing, either.
  await realKv.delete(`client:${clientId}`);
  expect((await worker.refresh(clientId, refresh_token, secret)).error).toBe("invalid_client");
});

test("within 60 seconds a token gets the same answer, though its successor was used", async () => {
  const worker = new OAuthWorker();
  const { clientId, tokens } = await worker.logIn();
  const first = await worker.refresh(clientId, tokens.refresh_token);
  await worker.refresh(clientId, first.refresh_token);
  vi.useFakeTimers({ toFake: ["Date"] });
  advance(59);
  const again = await worker.refresh(clientId, tokens.refresh_token);
  expect(again.refresh_token).toBe(first.refresh_token);
  expect(again.expires_in).toBeLessThan(first.expires_in - 50);
});

test("what is kept of an answer tells nothing of it", async () => {
  const worker = new OAuthWorker();
  const { clientId, tokens } = await worker.logIn();
  const next = await worker.refresh(clientId, tokens.refresh_token);
  const inGate = await runInDurableObject(
    worker.gate(next.refresh_token) as never,
    async (_gate, { storage }) => JSON.stringify([...(await storage.list())]),
  );
  expect(inGate).toContain("replay:");
  const stored = `${inGate} ${await readGrant(next.refresh_token)}`;
  for (const token of [tokens.refresh_token, next.refresh_token, next.access_token]) {
    expect(stored).not.toContain(token.split(":")[2]);
  }
});

test("a grant that is ended during a refresh is ended", async () => {
  const worker = new OAuthWorker();
  const { clientId, tokens } = await worker.logIn();
  const grant = findGrant(tokens.refresh_token) as never;
  const [answer] = await Promise.all([
    worker.refresh(clientId, tokens.refresh_token),
    revokeGrant(worker.env, grant),
  ]);
  for (const token of [tokens.refresh_token, answer.refresh_token]) {
    if (token) expect((await worker.refresh(clientId, token)).error).toBe("invalid_grant");
  }
  expect((await realKv.list({ prefix: "grant:" })).keys).toEqual([]);
  expect((await realKv.list({ prefix: "token:" })).keys).toEqual([]);
});

test("a grant that KV still shows after its end does not come back", async () => {
  const worker = new OAuthWorker();
  const { clientId, tokens } = await worker.logIn();
  const { userId: person, grantId } = findGrant(tokens.refresh_token) as {
    userId: string;
    grantId: string;
  };
  const key = `grant:${person}:${grantId}`;
  const late = await realKv.get(key);
  await revokeGrant(worker.env, { userId: person, grantId });
  await realKv.put(key, late ?? "");
  expect((await worker.refresh(clientId, tokens.refresh_token)).error).toBe("invalid_grant");
  await worker.gate(tokens.refresh_token).remember(key, late ?? "");
  expect((await worker.refresh(clientId, tokens.refresh_token)).error).toBe("invalid_grant");
});

test("a grant that an operator ended in KV is not written back from what its gate remembers", async () => {
  const worker = new OAuthWorker();
  const { clientId, tokens } = await worker.logIn();
  const refreshed = await worker.refresh(clientId, tokens.refresh_token);
  const grant = findGrant(tokens.refresh_token) as { userId: string; grantId: string };
  // As `npm run mcp -- admin revoke` does it, which reaches KV alone.
  await realKv.put(toEndedKey(grant), "operator");
  for (const prefix of ["token:", "grant:"]) {
    for (const { name } of (await realKv.list({ prefix })).keys) await realKv.delete(name);
  }
  // The first would be answered from the last rotation, the second from the grant's record.
  for (const token of [tokens.refresh_token, refreshed.refresh_token]) {
    expect((await worker.refresh(clientId, token)).error).toBe("invalid_grant");
  }
  expect((await worker.call(refreshed.access_token)).status).toBe(401);
  expect((await realKv.list({ prefix: "grant:" })).keys).toEqual([]);
  expect((await realKv.list({ prefix: "token:" })).keys).toEqual([]);
});

test.each([true, false])(
  "with strictRevocation %s a call asks the gate as often as it must",
  async (strictRevocation) => {
    const tokensSettings = { ...workerSettings.tokens, strictRevocation };
    const worker = new OAuthWorker({ tokens: tokensSettings });
    const { clientId, tokens } = await worker.logIn();
    expect((await worker.call(tokens.access_token)).status).toBe(200);
    // Elsewhere KV shows the token after its end.
    const stale = await realKv.list({ prefix: "token:" });
    const key = stale.keys[0]?.name ?? "";
    const record = (await realKv.get(key)) ?? "";
    await worker.token({ client_id: clientId, token: tokens.refresh_token });
    await realKv.put(key, record);
    const { status, challenge } = await worker.call(tokens.access_token);
    expect(status).toBe(strictRevocation ? 401 : 200);
    if (strictRevocation) expect(challenge).toContain('error="invalid_token"');
  },
);

test("a cold call is one KV read, a warm one is none, and neither asks a gate", async () => {
  const reads: string[] = [];
  const counting = wrapKv({
    get: (key, go) => {
      reads.push(String(key));
      return go();
    },
  });
  const worker = new OAuthWorker({}, counting);
  const { tokens } = await worker.logIn();
  const noGates = { ...worker, env: { ...worker.env, TOKEN_GATES: undefined } };
  Object.assign(worker, { env: noGates.env });
  for (const budget of [budgets.login.kvReadsOfCall.cold, budgets.login.kvReadsOfCall.warm]) {
    reads.length = 0;
    expect((await worker.call(tokens.access_token)).status).toBe(200);
    expect(reads).toHaveLength(budget);
  }
});

test("what this isolate keeps of a token opens nothing that the library would not open", async () => {
  const worker = new OAuthWorker();
  const { tokens } = await worker.logIn();
  const token = tokens.access_token;
  const status = async (path: string, shown: string) => {
    const headers = {
      authorization: `Bearer ${shown}`,
      host: new URL(worker.settings.origin).host,
    };
    return (await worker.fetch(path, { method: "DELETE", headers })).status;
  };
  expect((await worker.call(token)).status).toBe(200);
  expect(await status("/mcp", token)).not.toBe(401);
  // At another endpoint, with another secret, and after its time.
  expect(await status("/sse", token)).toBe(401);
  expect(await status("/mcp", `${token.slice(0, -1)}${token.endsWith("a") ? "b" : "a"}`)).toBe(401);
  advance(worker.settings.tokens.access - 10);
  expect((await worker.call(token)).status).toBe(200);
  advance(12);
  expect((await worker.call(token)).status).toBe(401);
});

/** Ways to end a connection, each as it is done in this isolate. */
const ends: Record<string, (worker: OAuthWorker, login: Login) => Promise<unknown>> = {
  "its client gives it back": (worker, { clientId, tokens }) =>
    worker.token({ client_id: clientId, token: tokens.access_token }),
  "its client gives the refresh token back": (worker, { clientId, tokens }) =>
    worker.token({ client_id: clientId, token: tokens.refresh_token }),
  "its code comes a second time": (worker, { clientId, code }) => worker.exchange(clientId, code),
  "a replaced refresh token comes late": async (worker, { clientId, tokens }) => {
    const next = await worker.refresh(clientId, tokens.refresh_token);
    await worker.refresh(clientId, next.refresh_token);
    advance(75);
    expect((await worker.call(tokens.access_token)).status).toBe(200);
    return worker.refresh(clientId, tokens.refresh_token);
  },
  "its person ends the connection": (worker, { code }) =>
    revokeGrant(worker.env, findGrant(code) as GrantName),
};
type Login = Awaited<ReturnType<OAuthWorker["logIn"]>>;

test.each(Object.entries(ends))(
  "a token that this isolate has just served is refused at once when %s",
  async (_way, end) => {
    const worker = new OAuthWorker();
    const login = await worker.logIn();
    expect((await worker.call(login.tokens.access_token)).status).toBe(200);
    await end(worker, login);
    expect((await worker.call(login.tokens.access_token)).status).toBe(401);
  },
);

test("a token that an operator ended is refused though its gate remembers it", async () => {
  const worker = new OAuthWorker();
  const { tokens } = await worker.logIn();
  const { userId: person, grantId } = findGrant(tokens.access_token) as GrantName;
  await realKv.put(toEndedKey({ userId: person, grantId }), "operator");
  for (const { name } of (await realKv.list({ prefix: "token:" })).keys) await realKv.delete(name);
  expect((await worker.call(tokens.access_token)).status).toBe(401);
});

test("the gate of a grant that never was stores nothing", async () => {
  const worker = new OAuthWorker();
  const clientId = await worker.register();
  const made = (letter: string) => `${userId}:${letter.repeat(16)}:${letter.repeat(32)}`;
  expect((await worker.refresh(clientId, made("a"))).error).toBe("invalid_grant");
  expect((await worker.exchange(clientId, made("b"))).error).toBe("invalid_grant");
  expect((await worker.token({ client_id: clientId, token: made("c") })).status).toBe(200);
  expect((await worker.call(made("d"))).status).toBe(401);
  for (const letter of "abcd") expect(await countRows(worker, made(letter))).toBe(0);
});

test("revoking one access token leaves the others, and the memory does not answer for it", async () => {
  const worker = new OAuthWorker({}, hideNewKeys());
  const { clientId, tokens } = await worker.logIn();
  expect((await worker.call(tokens.access_token)).status).toBe(200);
  await worker.token({ client_id: clientId, token: tokens.access_token });
  expect((await worker.call(tokens.access_token)).status).toBe(401);
  const next = await worker.refresh(clientId, tokens.refresh_token);
  expect((await worker.call(next.access_token)).status).toBe(200);
});

test("a token request that fails holds up none after it", async () => {
  const worker = new OAuthWorker();
  const { clientId, tokens } = await worker.logIn();
  // As often as the gate tries.
  let failures = 3;
  const failing = wrapKv({
    put: (_key, go) => (failures-- > 0 ? Promise.reject(new Error("KV is down")) : go()),
  });
  await worker.changeGate(tokens.refresh_token, { OAUTH_KV: failing });
  const answers = await Promise.all([
    worker.refresh(clientId, tokens.refresh_token),
    worker.refresh(clientId, tokens.refresh_token),
  ]);
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 503]);
});

test("strangers whose metadata document never comes do not make the grant's own client wait", async () => {
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  vi.spyOn(console, "log").mockImplementation(() => undefined);
  const slow = "https://slow.example/client.json";
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  let fetched = 0;
  vi.stubGlobal("fetch", async () => {
    fetched++;
    await released;
    return new Response("no", { status: 404 });
  });
  const worker = new OAuthWorker();
  const { clientId, code, tokens } = await worker.logIn();
  const [person, grantId] = code.split(":");
  const invented = `${person}:${grantId}:${"x".repeat(32)}`;
  const strangers = Array.from({ length: 10 }, () => [
    worker.refresh(slow, invented),
    // An old code is good for nothing else, either.
    worker.exchange(slow, code),
    // Nor is a second name beside the right one.
    worker.refresh(clientId, invented, {
      client_assertion: `e30.${btoa(JSON.stringify({ iss: slow, sub: slow }))}.x`,
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    }),
    worker.token({ client_id: slow, token: tokens.access_token }),
  ]).flat();
  await vi.waitFor(() => expect(fetched).toBeGreaterThan(0));
  // No document has come yet: this would never end behind them.
  const next = await worker.refresh(clientId, tokens.refresh_token);
  expect(next.status).toBe(200);
  expect((await worker.token({ client_id: clientId, token: tokens.access_token })).status).toBe(
    200,
  );
  release();
  const statuses = (await Promise.all(strangers)).map(({ status }) => status);
  expect(statuses).not.toContain(200);
  // More than a gate holds are told to come again.
  expect(statuses).toContain(503);
  expect((await worker.call(next.access_token)).status).toBe(200);
  vi.unstubAllGlobals();
});

test("strangers with a redeemed code and the right client id do not make the grant's own client wait", async () => {
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  vi.spyOn(console, "log").mockImplementation(() => undefined);
  const worker = new OAuthWorker();
  const { clientId, code, tokens } = await worker.logIn();
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  const strangers = 10;
  let lookedUp = 0;
  // As long as it takes to fetch the keys that a client signs with.
  const slow = wrapKv({
    get: async (key, go) => {
      if (String(key).startsWith("client:") && ++lookedUp <= strangers) await released;
      return go();
    },
  });
  await worker.changeGate(tokens.refresh_token, { OAUTH_KV: slow });
  const answers = Array.from({ length: strangers }, () => worker.exchange(clientId, code));
  await vi.waitFor(() => expect(lookedUp).toBe(strangers));
  // This would never end behind them.
  const next = await worker.refresh(clientId, tokens.refresh_token);
  expect(next.status).toBe(200);
  expect((await worker.call(next.access_token)).status).toBe(200);
  release();
  for (const { status, error } of await Promise.all(answers)) {
    expect({ status, error }).toEqual({ status: 400, error: "invalid_grant" });
  }
  // A code that comes again ends what it gave (RFC 6749 section 4.1.2), once it is known whose it is.
  expect(await readGrant(tokens.refresh_token)).toBeNull();
  expect((await worker.refresh(clientId, next.refresh_token)).status).toBe(400);
});

test("a gate holds so many requests at once, and tells the rest to come again", async () => {
  const worker = new OAuthWorker();
  const { clientId, tokens } = await worker.logIn();
  const answers = await Promise.all(
    Array.from({ length: 60 }, () => worker.refresh(clientId, tokens.refresh_token)),
  );
  const good = answers.filter(({ status }) => status === 200);
  expect(good.length).toBeGreaterThanOrEqual(32);
  expect(new Set(good.map(({ refresh_token: token }) => token)).size).toBe(1);
  for (const { status, error } of answers.filter((answer) => !good.includes(answer))) {
    expect({ status, error }).toEqual({ status: 503, error: "temporarily_unavailable" });
  }
});

test("what a refresh brought is not lost where KV does not take it: the next try goes on from it", async () => {
  const worker = new OAuthWorker();
  const { clientId, tokens } = await worker.logIn();
  const before = await readGrant(tokens.refresh_token);
  const down = wrapKv({ put: () => Promise.reject(new Error("KV is down")) });
  await worker.changeGate(tokens.refresh_token, { OAUTH_KV: down });
  expect((await worker.refresh(clientId, tokens.refresh_token)).status).toBe(503);
  const remembered = await runInDurableObject(
    worker.gate(tokens.refresh_token) as never,
    async (_gate, { storage }) => {
      const rows = await storage.list<{ value: string }>({ prefix: "grant:" });
      return [...rows.values()].map(({ value }) => value);
    },
  );
  expect(remembered).toHaveLength(1);
  expect(remembered[0]).not.toBe(before);
  await worker.changeGate(tokens.refresh_token, { OAUTH_KV: realKv });
  expect((await worker.refresh(clientId, tokens.refresh_token)).status).toBe(200);
});

test("an end that KV did not take is finished later, and the grant does not come back", async () => {
  const worker = new OAuthWorker();
  const { clientId, tokens } = await worker.logIn();
  const { refresh_token } = tokens;
  const down = wrapKv({ delete: () => Promise.reject(new Error("KV is down")) });
  await worker.changeGate(refresh_token, { OAUTH_KV: down });
  await expect(revokeGrant(worker.env, findGrant(refresh_token) as GrantName)).rejects.toThrow();
  expect((await worker.refresh(clientId, refresh_token)).status).toBe(400);
  expect((await realKv.list({ prefix: "grant:" })).keys).toHaveLength(1);
  vi.useFakeTimers({ toFake: ["Date"] });
  // Still down at the first try.
  advance(61);
  expect(await runDurableObjectAlarm(worker.gate(refresh_token) as never)).toBe(true);
  await worker.changeGate(refresh_token, { OAUTH_KV: realKv });
  advance(61);
  expect(await runDurableObjectAlarm(worker.gate(refresh_token) as never)).toBe(true);
  expect((await realKv.list({ prefix: "grant:" })).keys).toEqual([]);
  expect((await worker.refresh(clientId, refresh_token)).status).toBe(400);
});

test("what the exchange of a code wrote is stored in one step, before the answer", async () => {
  const worker = new OAuthWorker({}, hideNewKeys());
  const clientId = await worker.register();
  const code = await worker.authorize(clientId);
  const steps: string[][] = [];
  await runInDurableObject(worker.gate(code) as never, (_gate, { storage }) => {
    const { put } = storage;
    vi.spyOn(storage, "put").mockImplementation(((rows: object, ...rest: never[]) => {
      steps.push(Object.keys(rows).map((key) => key.split(":")[0] ?? ""));
      return Reflect.apply(put, storage, [rows, ...rest]) as Promise<void>;
    }) as never);
  });
  const tokens = await worker.exchange(clientId, code);
  expect(tokens.status).toBe(200);
  expect(steps).toEqual([["grant", "token"]]);
  await evictDurableObject(worker.gate(code) as never);
  expect((await worker.call(tokens.access_token)).status).toBe(200);
  expect((await worker.exchange(clientId, code)).error).toBe("invalid_grant");
  expect((await worker.call(tokens.access_token)).status).toBe(401);
});

test("a code whose token KV did not take stays redeemed, though its gate is stopped and KV shows nothing new", async () => {
  const worker = new OAuthWorker();
  const clientId = await worker.register();
  const code = await worker.authorize(clientId);
  const down = wrapKv({
    put: (key, go) =>
      String(key).startsWith("token:") ? Promise.reject(new Error("KV is down")) : go(),
  });
  await worker.changeGate(code, { OAUTH_KV: down });
  expect((await worker.exchange(clientId, code)).status).toBe(503);
  await evictDurableObject(worker.gate(code) as never);
  await worker.changeGate(code, { OAUTH_KV: hideNewKeys() });
  expect((await worker.exchange(clientId, code)).error).toBe("invalid_grant");
});

test("an evicted gate remembers what it stored", async () => {
  const worker = new OAuthWorker({}, hideNewKeys());
  const { clientId, tokens } = await worker.logIn();
  const next = await worker.refresh(clientId, tokens.refresh_token);
  await evictDurableObject(worker.gate(tokens.refresh_token) as never);
  expect((await worker.call(next.access_token)).status).toBe(200);
  const again = await worker.refresh(clientId, tokens.refresh_token);
  expect(again.refresh_token).toBe(next.refresh_token);
});

test("an idle gate has nothing left, and serves its grant all the same", async () => {
  const worker = new OAuthWorker();
  const { clientId, tokens } = await worker.logIn();
  const next = await worker.refresh(clientId, tokens.refresh_token);
  expect(await countRows(worker, next.refresh_token)).toBeGreaterThan(0);
  expect((await worker.call(next.access_token)).status).toBe(200);
  await worker.seesUse(next);
  vi.useFakeTimers({ toFake: ["Date"] });
  advance(130);
  expect(await runDurableObjectAlarm(worker.gate(next.refresh_token) as never)).toBe(true);
  expect(await countRows(worker, next.refresh_token)).toBe(0);
  expect(await runDurableObjectAlarm(worker.gate(next.refresh_token) as never)).toBe(false);
  expect((await worker.refresh(clientId, next.refresh_token)).status).toBe(200);
});

test("a grant ends at its age limit, however much it is used", async () => {
  const worker = new OAuthWorker();
  const { clientId, code, tokens } = await worker.logIn();
  const limited = {
    ...workerSettings,
    tokens: { ...workerSettings.tokens, refreshAbsolute: 7200 },
  };
  // An object reads its settings when it starts.
  const { exchangeToken } = await import("./token-exchange.ts");
  const { userId: person, grantId } = findGrant(code) as { userId: string; grantId: string };
  const options = {
    env: worker.env,
    userId: person,
    grantId,
    props: { userId: person, method: "demo" },
  } as never;
  vi.useFakeTimers({ toFake: ["Date"] });
  advance(7000);
  const left = await exchangeToken(options, limited);
  expect(left.refreshTokenIdleTTL).toBeLessThanOrEqual(200);
  expect(left.accessTokenTTL).toBeLessThanOrEqual(200);
  advance(150);
  await expect(exchangeToken(options, limited)).rejects.toMatchObject({ code: "invalid_grant" });
  expect((await worker.refresh(clientId, tokens.refresh_token)).status).toBe(200);
});

test("a probe gets five minutes and no refresh token", async () => {
  const worker = new OAuthWorker();
  const clientId = await worker.register();
  const code = await worker.authorize(clientId, { method: "probe" });
  const answer = await worker.exchange(clientId, code);
  expect(answer.expires_in).toBe(300);
  expect(answer.refresh_token).toBeUndefined();
});

test("a grant notes the day on which it gave out a token", async () => {
  const worker = new OAuthWorker();
  await worker.logIn();
  const { items } = await worker.oauth.listUserGrants(userId);
  expect(items[0]?.metadata).toEqual({ lastUsed: new Date().toISOString().slice(0, 10) });
});

test("a client that registered itself replaces its own grant, and signs out no other", async () => {
  const worker = new OAuthWorker();
  const { clientId, tokens } = await worker.logIn();
  const other = await worker.logIn();
  vi.useFakeTimers({ toFake: ["Date"] });
  advance(5);
  const code = await worker.authorize(clientId);
  // The person said yes, and the client did not come for the code: it goes on with what it has.
  const kept = await worker.refresh(clientId, tokens.refresh_token);
  expect(kept.status).toBe(200);
  expect((await worker.exchange(clientId, code)).status).toBe(200);
  await vi.waitFor(async () => {
    expect((await realKv.list({ prefix: "grant:" })).keys).toHaveLength(2);
  });
  expect((await worker.refresh(clientId, kept.refresh_token)).error).toBe("invalid_grant");
  expect((await worker.refresh(other.clientId, other.tokens.refresh_token)).status).toBe(200);
});

test("a second login within the same second replaces the first, and one that is not redeemed replaces nothing", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const worker = new OAuthWorker();
  const { clientId, tokens } = await worker.logIn();
  const waiting = await worker.authorize(clientId);
  const code = await worker.authorize(clientId);
  expect((await worker.exchange(clientId, code)).status).toBe(200);
  await vi.waitFor(async () => {
    expect((await realKv.list({ prefix: "grant:" })).keys).toHaveLength(2);
  });
  expect((await worker.refresh(clientId, tokens.refresh_token)).error).toBe("invalid_grant");
  expect((await worker.exchange(clientId, waiting)).status).toBe(200);
});

test("a pre-registered client is known, whatever KV holds under its id, and signs out no other machine", async () => {
  const redirect = "https://tools.example.com/callback";
  const preRegistered = [{ clientId: "acme", name: "Acme", redirectUris: [redirect] }];
  const clients = { ...workerSettings.clients, preRegistered };
  await realKv.put("client:acme", JSON.stringify({ clientId: "acme", redirectUris: [] }));
  const worker = new OAuthWorker({ clients });
  const known = await worker.oauth.lookupClient("acme");
  expect(known).toMatchObject({ clientName: "Acme", redirectUris: [redirect] });
  await worker.authorize("acme", { redirect });
  vi.useFakeTimers({ toFake: ["Date"] });
  advance(5);
  const second = await worker.authorize("acme", { redirect });
  await endOlderGrants(worker.env, findGrant(second) as GrantName);
  expect((await realKv.list({ prefix: "grant:" })).keys).toHaveLength(2);
});

test("grants of a pre-registered client are no orphans to the clean-up", async () => {
  const redirect = "https://tools.example.com/callback";
  const preRegistered = [{ clientId: "acme", name: "Acme", redirectUris: [redirect] }];
  const clients = { ...workerSettings.clients, preRegistered };
  const worker = new OAuthWorker({ clients });
  await worker.authorize("acme", { redirect });
  const server = createAuthorizationServer(worker.settings);
  const { grantsChecked, grantsPurged } = await server.purgeExpiredData(worker.env);
  expect({ grantsChecked, grantsPurged }).toEqual({ grantsChecked: 1, grantsPurged: 0 });
});

test.each(["the client", "the person"])(
  "a grant that %s ends takes its open streams with it",
  async (who) => {
    const worker = new OAuthWorker();
    const { clientId, tokens } = await worker.logIn({ path: "/sse" });
    const { host } = new URL(worker.settings.origin);
    const headers = {
      host,
      authorization: `Bearer ${tokens.access_token}`,
      accept: "text/event-stream",
    };
    const stream = await worker.fetch("/sse", { headers });
    expect(stream.status).toBe(200);
    const grant = findGrant(tokens.refresh_token);
    if (grant === undefined) throw new Error("no grant");
    if (who === "the person") await revokeGrant(worker.env, grant);
    else await worker.token({ client_id: clientId, token: tokens.refresh_token });
    const text = await stream.text();
    expect(text).toContain("event: endpoint");
  },
);
