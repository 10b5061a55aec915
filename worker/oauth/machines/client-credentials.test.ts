import { listDurableObjectIds, reset } from "cloudflare:test";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  type MachineAnswer,
  MachineWorker,
  machine,
  makeKey,
} from "../../../tests/support/worker/machine-worker.ts";
import type { WorkerEnv } from "../../env.ts";
import { toMachineEndedKey } from "../gate/ended-outside.ts";

const grant = { grant_type: "client_credentials" };
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const secret = "the-secret-of-ci";

const log = vi.fn<(line: string) => void>();

beforeEach(() => {
  vi.spyOn(console, "log").mockImplementation(log);
});

afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  log.mockReset();
  await reset();
});

const seconds = () => Math.floor(Date.now() / 1000);

/** What a client signs of itself. */
const said = (more: object = {}) => ({
  iss: "ci",
  sub: "ci",
  aud: "http://localhost:8787",
  jti: crypto.randomUUID(),
  iat: seconds(),
  exp: seconds() + 300,
  ...more,
});

async function listObjects({ TRANSACTIONS, TOKEN_GATES, PEOPLE }: WorkerEnv): Promise<number> {
  const kinds = [TRANSACTIONS, TOKEN_GATES, PEOPLE].map((kind) =>
    listDurableObjectIds(kind as never),
  );
  return (await Promise.all(kinds)).flat().length;
}

test("a machine client gets a short token with its secret, in the header or in the body", async () => {
  const worker = await MachineWorker.create([machine()], { ci: [secret] });
  const answers = [
    await worker.askWithSecret(secret),
    await worker.ask({ ...grant, client_id: "ci", client_secret: secret }),
    // The Python SDK names the client in both places.
    await worker.ask({ ...grant, client_id: "ci" }, `ci:${secret}`),
  ];
  for (const answer of answers) {
    expect(answer).toMatchObject({
      status: 200,
      token_type: "bearer",
      expires_in: 900,
      scope: "demo:use demo:profile demo:write",
      resource: "http://localhost:8787/mcp",
    });
    expect(answer).not.toHaveProperty("refresh_token");
    const { text } = await worker.callTool(answer.access_token, "whoami");
    expect(text).toBe(
      "The machine client ci, which acts for no person, with the scopes demo:use, demo:profile, demo:write.",
    );
  }
  const lines = log.mock.calls.map(([line]) => String(line));
  expect(lines.join()).toContain('"event":"machine-token","machine":"ci","way":"secret"');
  expect(lines.join()).not.toContain(secret);
  expect(lines.join()).not.toContain(answers[0]?.access_token);
});

test("a token costs no write, a call no more reads than a person's, and what is kept is the client's own", async () => {
  const worker = await MachineWorker.create([machine(), machine({ name: "nightly" })], {
    ci: [secret],
    nightly: ["another"],
  });
  const { access_token: token } = await worker.askWithSecret(secret);
  expect(await worker.countKv()).toEqual({ reads: 0, writes: 0 });
  expect((await worker.callTool(token, "sum", { a: 2, b: 3 })).status).toBe(200);
  expect(await worker.countKv()).toEqual({ reads: 1, writes: 0 });
  await worker.callTool(token, "sum", { a: 2, b: 3 });
  expect(await worker.countKv()).toEqual({ reads: 0, writes: 0 });

  await worker.callTool(token, "put", { name: "x", value: 1 });
  expect((await worker.callTool(token, "get", { name: "x" })).text).toContain("1");
  const other = await worker.askWithSecret("another", {}, "nightly");
  expect((await worker.callTool(other.access_token, "get", { name: "x" })).text).not.toContain("1");
});

test("it asks for less where it wants, never gets more than the settings say, and for one endpoint", async () => {
  const worker = await MachineWorker.create([machine({ scopes: ["demo:use", "demo:read"] })], {
    ci: [secret],
  });
  const scopeOf = async (scope: string) => (await worker.askWithSecret(secret, { scope })).scope;
  expect(await scopeOf("demo:read")).toBe("demo:read");
  expect(await scopeOf("demo:write demo:read")).toBe("demo:read");
  // Scopes that clients send by habit.
  expect(await scopeOf("openid email profile")).toBe("demo:use demo:read");
  expect(await worker.askWithSecret(secret, { scope: "demo:write" })).toMatchObject({
    status: 400,
    error: "invalid_scope",
    error_description: expect.stringContaining("demo:use demo:read"),
  });
  const { access_token: token } = await worker.askWithSecret(secret, { scope: "demo:read" });
  const refused = await worker.call(token, "sum");
  expect(refused.status).toBe(403);
  expect(refused.challenge).toContain('error="insufficient_scope"');

  const resource = "http://localhost:8787/sse";
  expect(await worker.askWithSecret(secret, { resource })).toMatchObject({
    status: 400,
    error: "invalid_target",
  });
  const elsewhere = await worker.fetch("/sse", {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, host: "localhost:8787" },
    body: "{}",
  });
  expect(elsewhere.status).toBe(401);
});

test("who is no machine client, or proves it wrongly, gets nothing and wakes nothing", async () => {
  const key = await makeKey("one");
  const worker = await MachineWorker.create(
    [machine(), machine({ name: "signs", keys: [key.jwk as never] })],
    { ci: [secret] },
  );
  const before = await listObjects(worker.env);
  const cases: Record<string, [Promise<MachineAnswer>, number, string]> = {
    "another secret": [worker.askWithSecret("wrong"), 401, "invalid_client"],
    "the digest of the secret": [
      worker.askWithSecret(worker.env.MACHINE_SECRETS?.slice(8, 72) ?? ""),
      401,
      "invalid_client",
    ],
    "no secret": [worker.ask({ ...grant, client_id: "ci" }), 401, "invalid_client"],
    "no client": [worker.ask(grant), 401, "invalid_client"],
    "an unknown client": [worker.askWithSecret(secret, {}, "other"), 401, "invalid_client"],
    "a name of every object": [worker.askWithSecret("x", {}, "constructor"), 401, "invalid_client"],
    "a client that signs": [worker.askWithSecret(secret, {}, "signs"), 401, "invalid_client"],
    "two ways": [
      worker.ask({ ...grant, client_secret: secret, client_id: "ci" }, `ci:${secret}x`),
      400,
      "invalid_request",
    ],
    "two names": [
      worker.ask({ ...grant, client_id: "signs" }, `ci:${secret}`),
      400,
      "invalid_request",
    ],
    "a parameter twice": [
      worker.ask(
        new URLSearchParams([...Object.entries(grant), ["scope", "a"], ["scope", "b"]]),
        `ci:${secret}`,
      ),
      400,
      "invalid_request",
    ],
    "an assertion of another type": [
      worker.ask({
        ...grant,
        client_assertion: await key.sign(said()),
        client_assertion_type: "jwt",
      }),
      400,
      "invalid_request",
    ],
    "an assertion of a client without a key": [
      worker.ask({
        ...grant,
        client_assertion: await key.sign(said()),
        client_assertion_type: assertionType,
      }),
      401,
      "invalid_client",
    ],
  };
  for (const [name, [asked, status, error]] of Object.entries(cases)) {
    const answer = await asked;
    expect(answer, name).toMatchObject({ status, error });
    expect(answer.error_description, name).toMatch(/\w/);
    expect(answer, name).not.toHaveProperty("access_token");
  }
  expect((await worker.askWithSecret("wrong")).challenge).toBe('Basic realm="OAuth"');
  expect(await listObjects(worker.env)).toBe(before);
  expect(await worker.countKv()).toEqual({ reads: 0, writes: 0 });
});

test("a client that signs is known by its key, RS256 or ES256, and each assertion counts once", async () => {
  for (const alg of ["ES256", "RS256"]) {
    const [first, second] = [await makeKey("first", alg), await makeKey("second", alg)];
    const worker = await MachineWorker.create([
      machine({ keys: [first.jwk, second.jwk] as never }),
    ]);
    const ask = async (assertion: Promise<string>, more: Record<string, string> = {}) =>
      worker.ask({
        ...grant,
        client_assertion: await assertion,
        client_assertion_type: assertionType,
        ...more,
      });
    // Two keys at once, while it changes them.
    for (const key of [first, second]) {
      expect(await ask(key.sign(said()))).toMatchObject({ status: 200, expires_in: 900 });
    }
    expect((await ask(first.sign(said()), { client_id: "ci" })).status).toBe(200);
    const endpoint = said({ aud: "http://localhost:8787/token" });
    expect((await ask(first.sign(endpoint))).status).toBe(200);

    const typed = { typ: "client-authentication+jwt" };
    expect((await ask(first.sign(said(), typed))).status).toBe(200);
    const again = first.sign(said());
    expect((await ask(again)).status).toBe(200);
    const other = await makeKey("first", alg);
    const wrong: Record<string, Promise<MachineAnswer>> = {
      "the same again": ask(again),
      "another client beside it": ask(first.sign(said()), { client_id: "other" }),
      "of another client": ask(first.sign(said({ sub: "other" }))),
      "signed in another's name": ask(first.sign(said({ iss: "other" }))),
      "for another server": ask(first.sign(said({ aud: "http://localhost:9999" }))),
      "for this and another": ask(first.sign(said({ aud: [said().aud, "https://b.example"] }))),
      "typed, for the endpoint": ask(first.sign(endpoint, typed)),
      expired: ask(first.sign(said({ exp: seconds() - 61 }))),
      "without an id": ask(first.sign(said({ jti: undefined }))),
      "by another key": ask(other.sign(said())),
      "a company's assertion": ask(first.sign(said(), { typ: "oauth-id-jag+jwt" })),
    };
    for (const [name, asked] of Object.entries(wrong)) {
      expect(await asked, name).toMatchObject({ status: 401, error: "invalid_client" });
    }
  }
});

test("two secrets count while a client changes them, and the tokens of the one that goes end", async () => {
  const both = await MachineWorker.create([machine()], { ci: [secret, "the-next-one"] });
  const old = await both.askWithSecret(secret);
  const next = await both.askWithSecret("the-next-one");
  const after = await MachineWorker.create([machine()], { ci: ["the-next-one"] });
  expect((await after.askWithSecret(secret)).status).toBe(401);
  expect((await after.call(old.access_token)).status).toBe(401);
  expect((await after.call(next.access_token)).status).toBe(200);
});

test("a token ends with its time, its client, its scopes, or where an operator ends it", async () => {
  const worker = await MachineWorker.create([machine()], { ci: [secret] });
  const { access_token: token } = await worker.askWithSecret(secret);
  expect((await worker.call(token)).status).toBe(200);

  const without = await MachineWorker.create([machine({ name: "other" })], { ci: [secret] });
  expect((await without.call(token)).status).toBe(401);
  const less = await MachineWorker.create([machine({ scopes: ["demo:read"] })], { ci: [secret] });
  expect((await less.call(token)).status).toBe(403);

  await worker.env.OAUTH_KV.put(toMachineEndedKey("ci"), String(seconds()));
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 31_000 });
  expect((await worker.call(token)).status).toBe(401);
  const later = await worker.askWithSecret(secret);
  expect((await worker.call(later.access_token)).status).toBe(200);
  vi.setSystemTime(Date.now() + 901_000);
  expect((await worker.call(later.access_token)).status).toBe(401);
});

test("what is no machine client's token is refused before anything is read or woken", async () => {
  const worker = await MachineWorker.create([machine()], { ci: [secret] });
  const { access_token: token } = await worker.askWithSecret(secret);
  const [body = "", proof = ""] = token.slice("mcpm_".length).split(".");
  const more = { ...(JSON.parse(atob(body)) as object), scopes: ["demo:use", "demo:read"] };
  const forged = btoa(JSON.stringify(more)).replace(/=+$/, "");
  const stranger = await MachineWorker.create(
    [machine()],
    { ci: [secret] },
    { SESSION_KEYS: "other" },
  );
  const junk = [
    "mcpm_",
    "mcpm_junk",
    `mcpm_${forged}.${proof}`,
    `mcpm_${body}.`,
    `mcpm_${body}.${proof.slice(1)}`,
    (await stranger.askWithSecret(secret)).access_token,
  ];
  const before = await listObjects(worker.env);
  await worker.countKv();
  for (const one of junk) expect((await worker.call(one)).status, one).toBe(401);
  expect(await worker.countKv()).toEqual({ reads: 0, writes: 0 });
  expect(await listObjects(worker.env)).toBe(before);

  // A key that was replaced by the next generation still counts.
  const rotated = await MachineWorker.create(
    [machine()],
    { ci: [secret] },
    { SESSION_KEYS: `newer ${worker.env.SESSION_KEYS}` },
  );
  expect((await rotated.call(token)).status).toBe(200);
});

test("a machine client's token cannot be given back, and its client is told so", async () => {
  const worker = await MachineWorker.create([machine()], { ci: [secret] });
  const { access_token: token } = await worker.askWithSecret(secret);
  expect(await worker.ask({ token }, `ci:${secret}`)).toMatchObject({
    status: 400,
    error: "unsupported_token_type",
    error_description: expect.stringContaining("15 minutes"),
  });
});

test("metadata names what the stack's machine clients use, and without any it is as it was", async () => {
  const read = async (...machines: Parameters<typeof machine>[0][]) => {
    const worker = await MachineWorker.create(machines.map(machine));
    return (await worker.fetch("/.well-known/oauth-authorization-server")).json();
  };
  const none = (await read()) as Record<string, readonly string[]>;
  expect(none.grant_types_supported).toEqual(["authorization_code", "refresh_token"]);
  const plain = {
    ...none,
    grant_types_supported: [...(none.grant_types_supported ?? []), grant.grant_type],
  };
  expect(await read({})).toEqual(plain);
  const { jwk } = await makeKey("one");
  expect(await read({ keys: [jwk] as never })).toMatchObject({
    token_endpoint_auth_methods_supported: expect.arrayContaining(["none", "private_key_jwt"]),
    token_endpoint_auth_signing_alg_values_supported: ["RS256", "ES256"],
  });
  const rule = { issuer: "https://i.example", keysUrl: "https://i.example/k", repository: "a/b" };
  expect(await read({ workloads: [rule] })).toMatchObject({
    grant_types_supported: [
      ...(plain.grant_types_supported ?? []),
      "urn:ietf:params:oauth:grant-type:jwt-bearer",
    ],
  });
});

test("a stack without machine clients has no such grant, and takes none of their tokens", async () => {
  const worker = await MachineWorker.create([machine()], { ci: [secret] });
  const { access_token: token } = await worker.askWithSecret(secret);
  const off = await MachineWorker.create([]);
  const answer = await off.askWithSecret(secret);
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer).not.toHaveProperty("access_token");
  expect((await off.call(token)).status).toBe(401);
});
