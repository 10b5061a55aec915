import { reset } from "cloudflare:test";
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT, UnsecuredJWT } from "jose";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { workerEnv } from "../../../tests/support/worker/worker-env.ts";
import { UpstreamError } from "../../identity/identity.ts";
import { answerAssertion } from "./jwt-bearer.ts";
import { findKeyAmong, findKeyAt } from "./key-set.ts";
import { useOnce } from "./use-once.ts";
import { type AssertionRules, verifyAssertion } from "./verify.ts";

const issuer = "https://issuer.example.test";
const audience = "https://mcp.example.test";

/** Each test has an address of its own: keys are kept by address. */
let addresses = 0;
let address = "";
/** What is served there, and how often it was asked for. */
let serve: () => Response | Promise<Response>;
let asked = 0;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  address = `https://keys-${addresses++}.example.test/jwks`;
  asked = 0;
  vi.stubGlobal("fetch", async () => {
    asked++;
    return serve();
  });
});

afterEach(async () => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  await reset();
});

interface Key {
  readonly publicKey: JWK;
  sign(claims?: object, header?: object): Promise<string>;
}

const seconds = () => Math.floor(Date.now() / 1000);

const right = () => ({
  iss: issuer,
  aud: audience,
  jti: crypto.randomUUID(),
  exp: seconds() + 300,
});

async function makeKey(kid: string, alg = "ES256"): Promise<Key> {
  const pair = await generateKeyPair(alg, { extractable: true });
  return {
    publicKey: { ...(await exportJWK(pair.publicKey)), kid, alg },
    sign: (claims = {}, header = {}) =>
      new SignJWT({ ...right(), ...claims })
        .setProtectedHeader({ alg, kid, typ: "JWT", ...header })
        .sign(pair.privateKey as CryptoKey),
  };
}

const check = (jwt: string, rules: Partial<AssertionRules> & Pick<AssertionRules, "key">) =>
  verifyAssertion(jwt, {
    issuer,
    audiences: [audience],
    types: ["jwt", ""],
    longestLifetime: 3600,
    ...rules,
  });

const reasonOf = (checked: Promise<unknown>) =>
  checked.then(
    () => "taken",
    (error: { readonly reason?: string }) => error.reason ?? String(error),
  );

test("an assertion holds with either algorithm, with a type or without one", async () => {
  for (const alg of ["ES256", "RS256"]) {
    const key = await makeKey("one", alg);
    const find = findKeyAmong([key.publicKey]);
    const claims = await check(await key.sign({ sub: "ci" }), { key: find });
    expect(claims).toMatchObject({ iss: issuer, aud: audience, sub: "ci" });
    const untyped = await key.sign({ aud: [audience] }, { typ: undefined });
    expect(await reasonOf(check(untyped, { key: find }))).toBe("taken");
  }
});

test("no wrong assertion holds, and each is refused for what is wrong with it", async () => {
  const key = await makeKey("one");
  const other = await makeKey("one");
  const unknown = await makeKey("two");
  const shared = await new SignJWT(right())
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .sign(new TextEncoder().encode("a-secret-of-thirty-two-characters"));
  const [head, , signature] = (await key.sign()).split(".");
  const wrong: Record<string, readonly [string, string]> = {
    "no JWT": ["junk", "malformed"],
    "a JWT of 17,000 characters": [await key.sign({ more: "a".repeat(17_000) }), "too_long"],
    "another type": [await key.sign({}, { typ: "oauth-id-jag+jwt" }), "typ"],
    unsigned: [new UnsecuredJWT(right()).encode(), "alg"],
    "a shared secret": [shared, "alg"],
    "another key of the same name": [await other.sign(), "signature"],
    "a key of no such name": [await unknown.sign(), "key_unknown"],
    "changed claims": [
      `${head}.${btoa(JSON.stringify(right())).replace(/=+$/, "")}.${signature}`,
      "signature",
    ],
    "another issuer": [await key.sign({ iss: "https://issuer.example.test/" }), "iss"],
    "another audience": [await key.sign({ aud: `${audience}/` }), "aud"],
    "two audiences": [await key.sign({ aud: [audience, "https://other.example"] }), "aud"],
    "no audience": [await key.sign({ aud: undefined }), "aud"],
    expired: [await key.sign({ exp: seconds() - 61 }), "expired"],
    "without an end": [await key.sign({ exp: undefined }), "exp"],
    "too long": [await key.sign({ exp: seconds() + 3700 }), "exp"],
    "not yet": [await key.sign({ nbf: seconds() + 120 }), "nbf"],
    "made in the future": [await key.sign({ iat: seconds() + 120 }), "nbf"],
    "an end that is a text": [await key.sign({ exp: "tomorrow" }), "exp"],
    "a header that must be understood": [
      await key.sign({}, { crit: ["b64"], b64: true }),
      "malformed",
    ],
    "without an id": [await key.sign({ jti: undefined }), "jti"],
    "an empty id": [await key.sign({ jti: "" }), "jti"],
  };
  const find = findKeyAmong([key.publicKey]);
  for (const [name, [jwt, reason]] of Object.entries(wrong)) {
    expect(await reasonOf(check(jwt, { key: find })), name).toBe(reason);
  }
});

test("keys without a name are each tried, as two stand in the settings while a client changes them", async () => {
  const [first, second] = [await makeKey("first"), await makeKey("second")];
  const nameless = [first, second].map(({ publicKey: { kid: _name, ...rest } }) => rest);
  const find = findKeyAmong(nameless);
  for (const key of [first, second]) {
    expect(await reasonOf(check(await key.sign(), { key: find }))).toBe("taken");
    const unnamed = await key.sign({}, { kid: undefined });
    expect(await reasonOf(check(unnamed, { key: find }))).toBe("taken");
  }
  const other = await makeKey("first");
  expect(await reasonOf(check(await other.sign(), { key: find }))).toBe("signature");
});

test("the keys at an address are read once in ten minutes, and at once for a new one", async () => {
  const [first, second] = [await makeKey("first"), await makeKey("second")];
  const served = [first.publicKey];
  serve = () => Response.json({ keys: served });
  const find = () => ({ key: findKeyAt(address) });
  expect(await reasonOf(check(await first.sign(), find()))).toBe("taken");
  expect(await reasonOf(check(await first.sign(), find()))).toBe("taken");
  expect(asked).toBe(1);

  served.push(second.publicKey);
  // Whoever invents names of keys makes nobody ask.
  expect(await reasonOf(check(await second.sign(), find()))).toBe("key_unknown");
  expect(asked).toBe(1);
  vi.setSystemTime(Date.now() + 31_000);
  expect(await reasonOf(check(await second.sign(), find()))).toBe("taken");
  expect(asked).toBe(2);

  served.shift();
  vi.setSystemTime(Date.now() + 601_000);
  expect(await reasonOf(check(await first.sign(), find()))).toBe("key_unknown");
});

test("while an address does not answer, the keys of the last hour count", async () => {
  const key = await makeKey("one");
  serve = () => Response.json({ keys: [key.publicKey] });
  const find = () => ({ key: findKeyAt(address) });
  await check(await key.sign(), find());

  serve = () => new Response("busy", { status: 503 });
  vi.setSystemTime(Date.now() + 3_000_000);
  expect(await reasonOf(check(await key.sign(), find()))).toBe("taken");
  vi.setSystemTime(Date.now() + 700_000);
  // The second comes within the pause in which nobody asks again.
  for (let time = 0; time < 2; time++) {
    await expect(check(await key.sign(), find())).rejects.toThrow(UpstreamError);
  }
});

test("what is no key set, or too large for one, is an outage of its address", async () => {
  const key = await makeKey("one");
  const answers = [
    () => Response.json({}),
    () => new Response("<html>"),
    () => new Response(null, { status: 302, headers: { location: "https://other.example" } }),
    () => Response.json({ keys: [{ ...key.publicKey, more: "a".repeat(70_000) }] }),
  ];
  for (const answer of answers) {
    serve = answer;
    const checked = check(await key.sign(), { key: findKeyAt(address) });
    await expect(checked, String(answer)).rejects.toThrow(UpstreamError);
  }
});

test("an assertion is used once, of two at the same moment too", async () => {
  const claims = { ...right(), exp: seconds() + 300 };
  const uses = await Promise.all([1, 2, 3].map(() => reasonOf(useOnce(workerEnv, claims))));
  expect(uses.toSorted()).toEqual(["jti_used", "jti_used", "taken"]);
  // The same id of another issuer is another assertion.
  const other = { ...claims, iss: "https://other.example.test" };
  expect(await reasonOf(useOnce(workerEnv, other))).toBe("taken");
});

test("the two kinds of assertion are told apart by their type, and neither is read as the other", async () => {
  const key = await makeKey("one");
  const ask = async (assertions: string[], kinds: readonly ("company" | "workload")[]) => {
    const form = new URLSearchParams(assertions.map((one) => ["assertion", one]));
    const answers = Object.fromEntries(kinds.map((kind) => [kind, () => new Response(kind)]));
    const answer = await answerAssertion(new Request(audience), form, answers);
    return answer?.ok === false
      ? ((await answer.json()) as { readonly error: string }).error
      : await answer?.text();
  };
  const both = ["company", "workload"] as const;
  const workload = await key.sign();
  for (const typ of ["oauth-id-jag+jwt", "OAuth-ID-JAG+JWT", "application/oauth-id-jag+jwt"]) {
    const company = await key.sign({}, { typ });
    expect(await ask([company], both), typ).toBe("company");
    expect(await ask([company], ["workload"]), typ).toBe("invalid_grant");
  }
  expect(await ask([workload], both)).toBe("workload");
  expect(await ask([workload], ["company"])).toBe("invalid_grant");
  expect(await ask([], both)).toBe("invalid_request");
  expect(await ask([workload, workload], both)).toBe("invalid_request");
  expect(await ask(["junk"], both)).toBe("invalid_request");
  expect(await ask([workload], [])).toBeUndefined();
});
