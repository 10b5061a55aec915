import { encodeBase64Url } from "hono/utils/encode";
import { sign } from "hono/utils/jwt/jwt";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { workerBindings, workerSettings } from "../../tests/support/worker-settings.ts";
import type { WorkerEnv } from "../env.ts";
import { method as access } from "./access.ts";

const audience = "a".repeat(64);
const env = { ...workerBindings, ACCESS_AUDIENCE: audience } as unknown as WorkerEnv;

/** Each test has a team of its own: keys are kept by team. */
let teams = 0;
let teamDomain = "";
let served: object[] = [];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  teamDomain = `team-${teams++}.cloudflareaccess.com`;
  vi.stubGlobal(
    "fetch",
    vi.fn(async () => Response.json({ keys: served })),
  );
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function makeKey(kid: string) {
  const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const length = { modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
  const pair = (await crypto.subtle.generateKey({ ...algorithm, ...length }, true, [
    "sign",
    "verify",
  ])) as CryptoKeyPair;
  const extra = { kid, alg: "RS256" as const };
  const publicKey = {
    ...((await crypto.subtle.exportKey("jwk", pair.publicKey)) as JsonWebKey),
    ...extra,
  };
  const privateKey = {
    ...((await crypto.subtle.exportKey("jwk", pair.privateKey)) as JsonWebKey),
    ...extra,
  };
  return { publicKey, privateKey };
}

async function read(key: Awaited<ReturnType<typeof makeKey>>, claims: object = {}) {
  const now = Math.floor(Date.now() / 1000);
  const payload = {
    type: "app",
    aud: [audience],
    iss: `https://${teamDomain}`,
    sub: "1",
    email: "Ada@Example.com",
    iat: now,
    nbf: now,
    exp: now + 60,
    ...claims,
  };
  const token = await sign(payload, key.privateKey as never, "RS256");
  return readToken(token);
}

function readToken(token: string, bindings = env) {
  const settings = {
    ...workerSettings,
    identity: { method: "access" as const, accessTeamDomain: teamDomain },
  };
  const headers = { "cf-access-jwt-assertion": token };
  const request = new Request("http://localhost:8787/authorize", { headers });
  return access.read(request, { env: bindings, settings });
}

const ada = () => ({
  method: "access",
  issuer: `https://${teamDomain}`,
  subject: "1",
  email: "ada@example.com",
  isEmailVerified: true,
});

test("the keys are fetched once, and again when Access signs with a new one", async () => {
  const [first, second] = await Promise.all([makeKey("first"), makeKey("second")]);
  served = [first.publicKey];
  expect(await read(first)).toEqual(ada());
  expect(await read(first)).toEqual(ada());
  expect(fetch).toHaveBeenCalledTimes(1);
  served = [second.publicKey, first.publicKey];
  vi.setSystemTime(Date.now() + 61_000);
  expect(await read(second)).toEqual(ada());
  expect(await read(first)).toEqual(ada());
  expect(fetch).toHaveBeenCalledTimes(2);
});

test("a key that Access took back counts for five minutes at most", async () => {
  const [first, second] = await Promise.all([makeKey("first"), makeKey("second")]);
  served = [first.publicKey];
  expect(await read(first)).toEqual(ada());
  served = [second.publicKey];
  vi.setSystemTime(Date.now() + 301_000);
  expect(await read(first)).toBeUndefined();
});

test("tokens with made-up keys make the Worker fetch no more than once in a minute", async () => {
  const [real, forged] = await Promise.all([makeKey("real"), makeKey("forged")]);
  served = [real.publicKey];
  for (let attempt = 0; attempt < 5; attempt++) expect(await read(forged)).toBeUndefined();
  expect(fetch).toHaveBeenCalledTimes(1);
});

test("a symmetric signature with the public key as its secret signs nobody in", async () => {
  const key = await makeKey("real");
  served = [key.publicKey];
  const payload = { type: "app", aud: audience, iss: `https://${teamDomain}`, sub: "1", iat: 1 };
  const secret = JSON.stringify(key.publicKey);
  const signed = await sign({ ...payload, email: "a@b", exp: 4e9 }, secret, "HS256");
  const head = encodeBase64Url(
    new TextEncoder().encode(JSON.stringify({ alg: "HS256", typ: "JWT", kid: "real" }))
      .buffer as ArrayBuffer,
  );
  expect(await readToken(`${head}.${signed.split(".").slice(1).join(".")}`)).toBeUndefined();
});

test("a Worker that does not know its audience lets nobody in", async () => {
  const { ACCESS_AUDIENCE: _, ...without } = env;
  const key = await makeKey("real");
  served = [key.publicKey];
  const token = await sign(
    {
      type: "app",
      aud: [""],
      iss: `https://${teamDomain}`,
      sub: "1",
      email: "a@b.c",
      iat: 1,
      exp: 4e9,
    },
    key.privateKey as never,
    "RS256",
  );
  expect(await readToken(token, without as WorkerEnv)).toBeUndefined();
});
