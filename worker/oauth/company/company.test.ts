import { listDurableObjectIds, reset } from "cloudflare:test";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  type CompanyAnswer,
  CompanyWorker,
  chat,
  jwtBearer,
  TestIssuer,
  toSecretDigest,
} from "../../../tests/support/worker/company-worker.ts";
import { makeKey } from "../../../tests/support/worker/machine-worker.ts";
import wrongAssertions from "../../../tests/support/wrong-assertions.json" with { type: "json" };
import type { WorkerEnv, WorkerSettings } from "../../env.ts";
import { createAllowance, toEndedKey } from "../gate/ended-outside.ts";
import { revokeGrant } from "../revoke.ts";
import { toCompanyGrantId } from "./grant-id.ts";

const origin = "http://localhost:8787";
const log = vi.fn<(line: string) => void>();

let okta: TestIssuer;
let claude: TestIssuer;

beforeEach(async () => {
  vi.spyOn(console, "log").mockImplementation(log);
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  [okta, claude] = await Promise.all([TestIssuer.likeOkta(), TestIssuer.likeClaude()]);
  vi.stubGlobal("fetch", async (url: string) => {
    const answer = okta.answer(url) ?? claude.answer(url);
    if (answer === undefined) throw new Error(`The Worker asked ${url}.`);
    return answer;
  });
});

afterEach(async () => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  log.mockReset();
  await reset();
});

/** The sign-in of a stack whose people sign in at the company, too. */
const toOidc = (issuer: TestIssuer): WorkerSettings["identity"] => ({
  method: "oidc",
  oidcIssuer: issuer.url,
  oidcClientId: "server",
});

async function listObjects({ TRANSACTIONS, TOKEN_GATES, PEOPLE }: WorkerEnv): Promise<number> {
  const kinds = [TRANSACTIONS, TOKEN_GATES, PEOPLE].map((kind) =>
    listDurableObjectIds(kind as never),
  );
  return (await Promise.all(kinds)).flat().length;
}

/** Names of the keys that Workers KV has. */
async function listKeys({ env }: CompanyWorker, prefix: string): Promise<string[]> {
  return (await env.OAUTH_KV.list({ prefix })).keys.map(({ name }) => name);
}

test("a company's word gets a token at once, for what it says and the stack allows, and tools see the person", async () => {
  const worker = await CompanyWorker.create([okta.toSetting([chat.id])]);
  const answer = await worker.bring(await okta.sign(chat.id, origin));
  expect(answer).toMatchObject({
    status: 200,
    token_type: "bearer",
    expires_in: 3600,
    scope: "demo:use demo:write",
    resource: `${origin}/mcp`,
  });
  expect(answer).not.toHaveProperty("refresh_token");
  const { access_token: token } = answer;
  expect(token).not.toContain("ada");
  expect(await worker.tool(token, "sum", { a: 2, b: 3 })).toContain("5");
  const without = await worker.call(token, "whoami");
  expect(without.status).toBe(403);
  const lines = log.mock.calls.map(([line]) => String(line)).join();
  expect(lines).toContain('"event":"enterprise-token"');
  for (const secret of [token, "ada@acme", chat.secret]) expect(lines).not.toContain(secret);
});

test("a person is the same as at a sign-in there by OpenID, and never another issuer's with the same address", async () => {
  const all = [okta.toSetting([chat.id]), claude.toSetting([chat.id], { allowNoScope: true })];
  const worker = await CompanyWorker.create(all);
  const put = async (issuer: TestIssuer, subject: string) => {
    const scope = "demo:use demo:write demo:profile demo:read";
    const assertion = await issuer.sign(chat.id, origin, { sub: subject, scope });
    return (await worker.bring(assertion)).access_token;
  };
  const [ada, adaElsewhere, eve] = [
    await put(okta, "ada"),
    await put(claude, "ada"),
    await put(okta, "eve"),
  ];
  await worker.call(ada, "put", { name: "x", value: 7 });
  expect(await worker.tool(ada, "get", { name: "x" })).toContain("7");
  for (const other of [adaElsewhere, eve]) {
    expect(await worker.tool(other, "get", { name: "x" })).not.toContain("7");
  }
  // The page of who signs in there shows what the company allowed.
  const signedIn = await CompanyWorker.create(all, { identity: toOidc(okta) });
  expect(await signedIn.visitConnections(okta.url, "ada")).toContain("Your company allowed it");
  expect(await signedIn.visitConnections(okta.url, "grace")).not.toContain("Your company");
});

test("scopes are cut to the policy, to the assertion, to the request and to the person's groups", async () => {
  const scopesByGroup = { "*": ["demo:use"], Platform: ["demo:write", "demo:read"] };
  const policy = { scopes: ["demo:use", "demo:write", "demo:read"], groupsClaim: "groups" };
  const worker = await CompanyWorker.create([okta.toSetting([chat.id], policy)], { scopesByGroup });
  const scopeOf = async (more: object, form: Record<string, string> = {}) => {
    const { scope, error } = await worker.bring(await okta.sign(chat.id, origin, more), form);
    return scope ?? error;
  };
  expect(await scopeOf({})).toBe("demo:use demo:write");
  expect(await scopeOf({}, { scope: "demo:read" })).toBe("demo:read");
  expect(await scopeOf({}, { scope: "openid email" })).toBe("demo:use demo:write");
  expect(await scopeOf({ scope: "demo:use demo:profile admin" })).toBe("demo:use");
  expect(await scopeOf({ groups: [] })).toBe("demo:use");
  expect(await scopeOf({ groups: "Platform" })).toBe("demo:use demo:write");
  expect(await scopeOf({ groups: [], scope: "demo:write" })).toBe("invalid_scope");
  expect(await scopeOf({ scope: "demo:use" }, { scope: "demo:write" })).toBe("invalid_scope");
  expect(await scopeOf({ scope: "" })).toBe("invalid_scope");
  // None where it says none.
  expect(await scopeOf({ scope: undefined })).toBe("invalid_scope");
});

test("an assertion without a scope gives the first scopes, or those asked for, only where the setting allows", async () => {
  const setting = claude.toSetting([chat.id], { allowNoScope: true, scopes: ["demo:use"] });
  const worker = await CompanyWorker.create([setting]);
  const bring = async (form = {}) => worker.bring(await claude.sign(chat.id, origin), form);
  expect((await bring()).scope).toBe("demo:use");
  expect((await bring({ scope: "demo:use demo:write" })).scope).toBe("demo:use");
  const strict = await CompanyWorker.create([claude.toSetting([chat.id])]);
  expect(await strict.bring(await claude.sign(chat.id, origin))).toMatchObject({
    status: 400,
    error: "invalid_scope",
    error_description: expect.stringContaining("allowNoScope"),
  });
});

test("every wrong assertion is refused for what is wrong with it, and wakes nothing", async () => {
  const worker = await CompanyWorker.create([
    okta.toSetting([chat.id], { domains: ["acme.example"] }),
    claude.toSetting([chat.id]),
  ]);
  const now = Math.floor(Date.now() / 1000);
  const [good = "", body = ""] = (await okta.sign(chat.id, origin)).split(".");
  const stranger = await makeKey("okta-1", "RS256");
  const make = (more: object, header: object = {}) => okta.sign(chat.id, origin, more, header);
  const cases: Record<string, string> = {
    "no JWT": "junk",
    "typ of an ordinary JWT": await make({}, { typ: "JWT" }),
    "typ of an access token": await make({}, { typ: "at+jwt" }),
    "no typ": await make({}, { typ: undefined }),
    "another key of the same name": await okta.sign(chat.id, origin, {}, {}, stranger),
    "a key nobody knows": await okta.sign(chat.id, origin, {}, { kid: "other" }, stranger),
    "no signature": `${good}.${body}.`,
    "alg none": `${btoa('{"alg":"none","typ":"oauth-id-jag+jwt"}').replace(/=+$/, "")}.${body}.`,
    "another issuer's key": await claude.sign(chat.id, origin, { iss: okta.url }),
    "an issuer nobody named": await make({ iss: "https://evil.example" }),
    "the issuer with a slash": await make({ iss: `${okta.url}/` }),
    "aud of another server": await make({ aud: "https://other.example" }),
    "aud with a slash": await make({ aud: `${origin}/` }),
    "aud of the endpoint": await make({ aud: `${origin}/token` }),
    "two audiences": await make({ aud: [origin, "https://other.example"] }),
    "no aud": await make({ aud: undefined }),
    "another client": await make({ client_id: "bare" }),
    "no client": await make({ client_id: undefined }),
    "no sub": await make({ sub: undefined }),
    "an empty sub": await make({ sub: "" }),
    "no jti": await make({ jti: undefined }),
    "no iat": await make({ iat: undefined }),
    "iat ahead": await make({ iat: now + 120, exp: now + 300 }),
    expired: await make({ iat: now - 400, exp: now - 61 }),
    "an hour long": await make({ exp: now + 3600 }),
    "an hour long, made long ago": await make({ iat: now - 3500, exp: now + 100 }),
    "not yet": await make({ nbf: now + 120 }),
    "bound to a key": await make({ cnf: { jkt: "x" } }),
    "with details": await make({ authorization_details: [] }),
    "another server's resource": await make({ resource: "https://other.example/mcp" }),
    "another company's address": await make({ email: "ada@other.example" }),
    "an address that ends alike": await make({ email: "ada@notacme.example" }),
    "no address": await make({ email: undefined }),
  };
  const rows: object[] = [];
  const bring = async (what: string, assertion: string) => {
    log.mockClear();
    const answer = await worker.bring(assertion);
    expect(answer, what).not.toHaveProperty("access_token");
    expect(answer.status, what).toBe(400);
    expect(answer.error_description, what).toMatch(/\w/);
    const lines = log.mock.calls.map(([line]) => String(line)).join();
    const [, reason = null] = /"reason":"(\w+)"/.exec(lines) ?? [];
    rows.push({ what, error: answer.error, reason });
  };
  const before = await listObjects(worker.env);
  for (const [what, assertion] of Object.entries(cases)) await bring(what, assertion);
  // Those that hold, and are of nobody who is let in, were used.
  const used = ["another server's resource", "another company's", "an address that", "no address"];
  expect((await listObjects(worker.env)) - before).toBe(used.length);
  const again = await okta.sign(chat.id, origin);
  expect((await worker.bring(again)).status).toBe(200);
  await bring("used twice", again);
  // docs/identity.md has them as a table.
  expect(rows).toEqual(wrongAssertions);
  const sameId = crypto.randomUUID();
  const at = await Promise.all(
    [1, 2, 3].map(async () => worker.bring(await make({ jti: sameId }))),
  );
  expect(at.map(({ status }) => status).toSorted()).toEqual([200, 400, 400]);
});

test("only a client that proves who it is, and that the issuer may speak to, comes with an assertion", async () => {
  const worker = await CompanyWorker.create([
    okta.toSetting([chat.id, "bare"]),
    claude.toSetting(["other"], { allowNoScope: true }),
  ]);
  const assertion = () => okta.sign(chat.id, origin);
  const cases: Record<string, [Promise<CompanyAnswer>, number, string]> = {
    "no client": [worker.bring(await assertion(), {}, null), 401, "invalid_client"],
    "another secret": [worker.bring(await assertion(), {}, `${chat.id}:x`), 401, "invalid_client"],
    "no secret": [
      worker.bring(await assertion(), { client_id: chat.id }, null),
      401,
      "invalid_client",
    ],
    "the digest of the secret": [
      worker.bring(await assertion(), {}, `${chat.id}:${await toSecretDigest(chat.secret)}`),
      401,
      "invalid_client",
    ],
    "a public client": [
      worker.bring(await okta.sign("bare", origin), { client_id: "bare" }, null),
      401,
      "invalid_client",
    ],
    "a client of another issuer": [
      worker.bring(await claude.sign(chat.id, origin)),
      400,
      "unauthorized_client",
    ],
    "two clients": [worker.bring(await assertion(), { client_id: "bare" }), 400, "invalid_request"],
    "two assertions": [
      worker
        .fetch("/token", {
          method: "POST",
          headers: { authorization: `Basic ${btoa(`${chat.id}:${chat.secret}`)}` },
          body: new URLSearchParams([
            ["grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"],
            ["assertion", await assertion()],
            ["assertion", await assertion()],
          ]),
        })
        .then(async (answer) => ({
          ...((await answer.json()) as CompanyAnswer),
          status: answer.status,
        })),
      400,
      "invalid_request",
    ],
  };
  const before = await listObjects(worker.env);
  for (const [name, [asked, status, error]] of Object.entries(cases)) {
    const answer = await asked;
    expect(answer, name).toMatchObject({ status, error });
    expect(answer, name).not.toHaveProperty("access_token");
  }
  expect(await listObjects(worker.env)).toBe(before);
  // In the body as well as in the header, and without one where the setting allows it.
  const form = { client_id: chat.id, client_secret: chat.secret };
  expect((await worker.bring(await assertion(), form, null)).status).toBe(200);
  const open = await CompanyWorker.create([okta.toSetting(["bare"], { allowPublicClients: true })]);
  const bare = await open.bring(await okta.sign("bare", origin), { client_id: "bare" }, null);
  expect(bare.status).toBe(200);
});

test("a client whose document offers a key and none beside it is believed by the key, and public without", async () => {
  const clientId = "https://chat.example/client.json";
  const key = await makeKey("chat-1", "RS256");
  const document = {
    client_id: clientId,
    client_name: "Chat of the web",
    redirect_uris: ["https://chat.example/callback"],
    token_endpoint_auth_method: "private_key_jwt",
    token_endpoint_auth_methods_supported: ["none", "private_key_jwt"],
    token_endpoint_auth_signing_alg: "RS256",
    jwks: { keys: [key.jwk] },
  };
  const own = new Map<string, () => Response>([[clientId, () => Response.json(document)]]);
  vi.stubGlobal("fetch", async (asked: string | URL | Request) => {
    const url = asked instanceof Request ? asked.url : String(asked);
    const answer = okta.answer(url) ?? own.get(url)?.();
    if (answer === undefined) throw new Error(`The Worker asked ${url}.`);
    return answer;
  });
  const worker = await CompanyWorker.create([okta.toSetting([clientId])]);
  const now = Math.floor(Date.now() / 1000);
  const signed = async (signer: typeof key) => ({
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: await signer.sign({
      iss: clientId,
      sub: clientId,
      aud: origin,
      jti: crypto.randomUUID(),
      iat: now,
      exp: now + 60,
    }),
  });
  const bring = async (form: Record<string, string>) =>
    worker.bring(await okta.sign(clientId, origin), form, null);
  expect(await bring(await signed(key))).toMatchObject({ status: 200, token_type: "bearer" });
  expect(await bring(await signed(await makeKey("chat-1", "RS256")))).toMatchObject({
    status: 401,
    error: "invalid_client",
  });
  // Neither does a header that proves nothing stand for a key.
  for (const headers of [{}, { authorization: "Bearer junk" }]) {
    const answer = await worker.fetch("/token", {
      method: "POST",
      headers,
      body: new URLSearchParams({
        grant_type: jwtBearer,
        client_id: clientId,
        assertion: await okta.sign(clientId, origin),
      }),
    });
    expect(answer.status).toBe(401);
    expect(await answer.text()).toContain("without a secret and without a key");
  }
});

test("a company's new keys count at once, and one that it took back does not", async () => {
  const worker = await CompanyWorker.create([okta.toSetting([chat.id])]);
  const [old] = okta.keys;
  expect((await worker.bring(await okta.sign(chat.id, origin))).status).toBe(200);
  expect((await worker.bring(await okta.sign(chat.id, origin))).status).toBe(200);
  expect(okta.asked).toBe(1);
  await okta.rotate("okta-2", false);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 31_000 });
  expect((await worker.bring(await okta.sign(chat.id, origin))).status).toBe(200);
  expect(okta.asked).toBe(2);
  expect((await worker.bring(await okta.sign(chat.id, origin, {}, {}, old))).status).toBe(400);
});

test("the allow-lists hold for a company's people, whose addresses count in its own domains only", async () => {
  const allowed = { emails: [], domains: ["acme.example"], organizations: [] };
  const bring = async (domains: string[], more: object) => {
    const worker = await CompanyWorker.create([okta.toSetting([chat.id], { domains })], {
      allowed,
    });
    const { status, error_description: words } = await worker.bring(
      await okta.sign(chat.id, origin, more),
    );
    return status === 200 ? "let in" : words;
  };
  expect(await bring(["acme.example"], {})).toBe("let in");
  expect(await bring(["acme.example"], { email: "Ada@ACME.example" })).toBe("let in");
  expect(await bring([], {})).toContain("does not let this person in");
  expect(await bring(["other.example"], { email: "ada@other.example" })).toContain("does not let");
  expect(await bring(["acme.example"], { email_verified: false })).toContain("does not let");
  expect(await bring(["acme.example"], { email: "ada@other.example" })).toContain("domain");
});

test("one grant a client and person, however often it comes, and an hour costs one look and no write", async () => {
  const worker = await CompanyWorker.create([okta.toSetting([chat.id])]);
  const first = await worker.bring(await okta.sign(chat.id, origin));
  const grants = await listKeys(worker, "grant:");
  expect(grants).toHaveLength(1);
  await worker.countKv();
  const second = await worker.bring(await okta.sign(chat.id, origin));
  expect(await worker.countKv()).toMatchObject({ writes: 0 });
  expect(await listKeys(worker, "grant:")).toEqual(grants);
  expect(await listKeys(worker, "token:")).toEqual([]);
  // Both tokens count: another window of the same client is signed out by nobody.
  await worker.countKv();
  expect((await worker.call(first.access_token)).status).toBe(200);
  expect(await worker.countKv()).toEqual({ reads: 1, writes: 0 });
  expect((await worker.call(second.access_token)).status).toBe(200);
  expect(await worker.countKv()).toEqual({ reads: 0, writes: 0 });
  // The other endpoint is the same grant.
  const sse = await worker.bring(await okta.sign(chat.id, origin, { resource: `${origin}/sse` }));
  expect(sse.resource).toBe(`${origin}/sse`);
  expect((await worker.call(sse.access_token)).status).toBe(401);
  expect(await listKeys(worker, "grant:")).toEqual(grants);
});

test("who ends it on the page has ended it, at once and for every token, until they allow it again", async () => {
  const worker = await CompanyWorker.create([okta.toSetting([chat.id])], {
    identity: toOidc(okta),
  });
  const { access_token: token } = await worker.bring(await okta.sign(chat.id, origin));
  expect((await worker.call(token)).status).toBe(200);
  const page = await worker.visitConnections(okta.url, "ada");
  const person = /name="person" value="([^"]+)"/.exec(page)?.[1] ?? "";
  const grantId = await toCompanyGrantId(chat.id);
  const send = (step: string, grant = grantId) =>
    worker.visitConnections(okta.url, "ada", { step, person, grant });
  expect(await send("end")).toContain("ended=1");
  expect((await worker.call(token)).status).toBe(401);
  const refused = await worker.bring(await okta.sign(chat.id, origin));
  expect(refused).toMatchObject({
    status: 400,
    error: "invalid_grant",
    error_description: expect.stringContaining("/connections"),
  });
  // The block outlives what the gate remembers.
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 30 * 86_400_000 });
  expect((await worker.bring(await okta.sign(chat.id, origin))).error).toBe("invalid_grant");
  vi.useRealTimers();
  // Another person's is not touched.
  const eve = await okta.sign(chat.id, origin, { sub: "eve" });
  expect((await worker.bring(eve)).status).toBe(200);

  expect(await worker.visitConnections(okta.url, "ada")).toContain("Ended, though your company");
  await send("allow-again", "em-0000000000000");
  expect((await worker.bring(await okta.sign(chat.id, origin))).error).toBe("invalid_grant");
  expect(await send("allow-again")).toContain("allowed=1");
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 61_000 });
  const back = await worker.bring(await okta.sign(chat.id, origin));
  expect(back.status).toBe(200);
  expect((await worker.call(back.access_token)).status).toBe(200);
  // What was ended stays worth nothing.
  expect((await worker.call(token)).status).toBe(401);
  expect(await worker.visitConnections(okta.url, "ada")).not.toContain("Ended, though");
});

/** Ends the one grant that there is, as `admin revoke` does it. @returns the keys of the grant and of the note. */
async function endAsOperator(worker: CompanyWorker) {
  const [key = ""] = await listKeys(worker, "grant:");
  const [, userId = "", grantId = ""] = key.split(":");
  const note = toEndedKey({ userId, grantId });
  const record = (await worker.env.OAUTH_KV.get(key)) ?? "";
  await worker.env.OAUTH_KV.put(note, "operator");
  await worker.env.OAUTH_KV.delete(key);
  return { key, note, record };
}

test("what an operator ends stays ended, too, until the operator allows it again", async () => {
  const worker = await CompanyWorker.create([okta.toSetting([chat.id])]);
  const { access_token: token } = await worker.bring(await okta.sign(chat.id, origin));
  const { note } = await endAsOperator(worker);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 61_000 });
  expect((await worker.call(token)).status).toBe(401);
  expect((await worker.bring(await okta.sign(chat.id, origin))).error).toBe("invalid_grant");
  // As `admin allow` does it. What was ended stays worth nothing.
  await worker.env.OAUTH_KV.put(note, createAllowance());
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 61_000 });
  const { access_token: next } = await worker.bring(await okta.sign(chat.id, origin));
  expect((await worker.call(next)).status).toBe(200);
  expect((await worker.call(token)).status).toBe(401);
});

test("what an operator ends and allows again before the gate has forgotten it begins anew", async () => {
  const identity = toOidc(okta);
  const worker = await CompanyWorker.create([okta.toSetting([chat.id])], { identity });
  const { access_token: token } = await worker.bring(await okta.sign(chat.id, origin));
  const { key, note, record } = await endAsOperator(worker);
  await worker.env.OAUTH_KV.put(note, createAllowance());
  // The gate has seen neither, and still remembers the grant; no isolate has its record any more.
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 61_000 });
  expect((await worker.call(token)).status).toBe(401);
  expect(await worker.visitConnections(okta.url, "ada")).not.toContain("Ended, though");
  const { access_token: next } = await worker.bring(await okta.sign(chat.id, origin));
  expect((await worker.call(token)).status).toBe(401);
  // It lives on what is stored, and not on what the gate remembers for two minutes.
  expect(await listKeys(worker, "grant:")).toEqual([key]);
  const start = await worker.env.OAUTH_KV.get(key);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 300_000 });
  expect((await worker.call(next)).status).toBe(200);
  // The next one goes on with it.
  expect((await worker.bring(await okta.sign(chat.id, origin))).status).toBe(200);
  expect(await worker.env.OAUTH_KV.get(key)).toBe(start);

  // A gate that saw neither in time has written back what was ended: nothing of that counts.
  await endAsOperator(worker);
  await worker.env.OAUTH_KV.put(key, record);
  await worker.env.OAUTH_KV.put(note, createAllowance());
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 300_000 });
  const last = await worker.bring(await okta.sign(chat.id, origin));
  for (const ended of [token, next]) expect((await worker.call(ended)).status).toBe(401);
  expect((await worker.call(last.access_token)).status).toBe(200);
});

test("what a person ends and allows again at once begins anew, though Workers KV shows the old record", async () => {
  const identity = toOidc(okta);
  const worker = await CompanyWorker.create([okta.toSetting([chat.id])], { identity });
  const { access_token: token } = await worker.bring(await okta.sign(chat.id, origin));
  const [key = ""] = await listKeys(worker, "grant:");
  const record = (await worker.env.OAUTH_KV.get(key)) ?? "";
  const page = await worker.visitConnections(okta.url, "ada");
  const person = /name="person" value="([^"]+)"/.exec(page)?.[1] ?? "";
  const grant = await toCompanyGrantId(chat.id);
  for (const step of ["end", "allow-again"]) {
    await worker.visitConnections(okta.url, "ada", { step, person, grant });
  }
  await worker.env.OAUTH_KV.put(key, record);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 61_000 });
  const { access_token: next } = await worker.bring(await okta.sign(chat.id, origin));
  expect((await worker.call(token)).status).toBe(401);
  expect((await worker.call(next)).status).toBe(200);
});

test("what a person ended an operator allows again, once the gate has forgotten it", async () => {
  const worker = await CompanyWorker.create([okta.toSetting([chat.id])]);
  const { access_token: token } = await worker.bring(await okta.sign(chat.id, origin));
  const [key = ""] = await listKeys(worker, "grant:");
  const [, userId = "", grantId = ""] = key.split(":");
  await revokeGrant(worker.env, { userId, grantId });
  await worker.env.OAUTH_KV.put(toEndedKey({ userId, grantId }), createAllowance());
  expect((await worker.bring(await okta.sign(chat.id, origin))).error).toBe("invalid_grant");
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3_600_000 + 130_000 });
  const { access_token: next } = await worker.bring(await okta.sign(chat.id, origin));
  expect((await worker.call(next)).status).toBe(200);
  expect((await worker.call(token)).status).toBe(401);
});

test("a token ends with its time, its issuer, its client, its person or its scopes in the settings", async () => {
  const setting = okta.toSetting([chat.id]);
  const worker = await CompanyWorker.create([setting]);
  const { access_token: token } = await worker.bring(await okta.sign(chat.id, origin));
  const nobody = { emails: ["eve@acme.example"], domains: [], organizations: [] };
  const at = async (...parts: Parameters<typeof CompanyWorker.create>) =>
    (await (await CompanyWorker.create(...parts)).call(token)).status;
  expect(await at([setting])).toBe(200);
  expect(await at([])).toBe(401);
  expect(await at([claude.toSetting([chat.id])])).toBe(401);
  expect(await at([{ ...setting, clientIds: ["other"] }])).toBe(401);
  expect(await at([setting], { allowed: nobody })).toBe(401);
  expect(await at([{ ...setting, domains: ["other.example"] }])).toBe(401);
  const less = await CompanyWorker.create([{ ...setting, scopes: ["demo:profile"] }]);
  expect(await less.tool(token, "sum")).toContain("which this account may not have");
  const { SESSION_KEYS } = worker.env;
  expect(await at([setting], {}, { SESSION_KEYS: `newer ${SESSION_KEYS}` })).toBe(200);
  expect(await at([setting], {}, { SESSION_KEYS: "other" })).toBe(401);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3_601_000 });
  expect(await at([setting])).toBe(401);
});

test("a token that nobody was given is refused before anything is read or woken", async () => {
  const worker = await CompanyWorker.create([okta.toSetting([chat.id])]);
  const { access_token: token } = await worker.bring(await okta.sign(chat.id, origin));
  const before = await listObjects(worker.env);
  await worker.countKv();
  for (const junk of [
    "mcpe_",
    "mcpe_junk",
    `${token}x`,
    token.slice(0, -4),
    `mcpe_${btoa(token)}`,
  ]) {
    expect((await worker.call(junk)).status, junk).toBe(401);
  }
  expect(await worker.countKv()).toEqual({ reads: 0, writes: 0 });
  expect(await listObjects(worker.env)).toBe(before);
  const revoked = await worker.token({ token, client_id: chat.id, client_secret: chat.secret });
  expect(revoked).toMatchObject({ status: 400, error: "unsupported_token_type" });
});

test("while a company's keys cannot be read its people are told to come again", async () => {
  const worker = await CompanyWorker.create([okta.toSetting([chat.id])]);
  vi.stubGlobal("fetch", async () => new Response("down", { status: 503 }));
  expect(await worker.bring(await okta.sign(chat.id, origin))).toMatchObject({
    status: 503,
    error: "temporarily_unavailable",
  });
});

test("without a company there is no such grant, no metadata and nothing read", async () => {
  const worker = await CompanyWorker.create([]);
  const answer = await worker.bring(await okta.sign(chat.id, origin));
  expect(answer).toMatchObject({ status: 400, error: "unsupported_grant_type" });
  const read = async (one: CompanyWorker) =>
    (await (await one.fetch("/.well-known/oauth-authorization-server")).json()) as object;
  const plain = await read(worker);
  expect(plain).not.toHaveProperty("authorization_grant_profiles_supported");
  expect(JSON.stringify(plain)).not.toContain("jwt-bearer");
  const named = await read(await CompanyWorker.create([okta.toSetting([chat.id])]));
  expect(named).toMatchObject({
    grant_types_supported: expect.arrayContaining(["urn:ietf:params:oauth:grant-type:jwt-bearer"]),
    authorization_grant_profiles_supported: ["urn:ietf:params:oauth:grant-profile:id-jag"],
  });
});
