import {
  createExecutionContext,
  listDurableObjectIds,
  reset,
  runInDurableObject,
} from "cloudflare:test";
import { afterEach, expect, test, vi } from "vitest";
import { features } from "../../../tests/fixture/features.ts";
import { workerEnv } from "../../../tests/support/worker/worker-env.ts";
import { workerSettings } from "../../../tests/support/worker-settings.ts";
import type { WorkerEnv } from "../../env.ts";
import type { FormMethod } from "../../identity/identity.ts";
import { showProblem } from "../show-problem.ts";
import { throttleSignIn } from "./guard-sign-in.ts";
import { byAccount, deriveCounter } from "./limits.ts";
import { findThrottle } from "./throttles.ts";

/** A method whose one password is "right". */
const method: FormMethod = {
  kind: "form",
  name: "test",
  canRefuse: () => true,
  async signIn(form) {
    const email = String(form.get("email"));
    if (!email.includes("@")) return { email, problems: { email: "No email" } };
    if (form.get("password") !== "right") return { email, problems: { password: "Wrong" } };
    return { identity: { method: "test", issuer: "test", subject: email } };
  },
};

interface Attempt {
  readonly email?: string;
  readonly password?: string;
  readonly address?: string;
  readonly with?: Partial<WorkerEnv>;
  readonly by?: FormMethod;
}

/** What came of an attempt: "in", "wrong", or the seconds to wait. */
async function attempt(given: Attempt = {}): Promise<"in" | "wrong" | number> {
  const { email = "ada@example.com", password = "wrong", address = "203.0.113.1" } = given;
  const form = new FormData();
  form.set("email", email);
  form.set("password", password);
  const request = new Request(`${workerSettings.origin}/authorize`, {
    method: "POST",
    headers: { "cf-connecting-ip": address },
  });
  const context = {
    request,
    env: { ...workerEnv, ...given.with },
    settings: workerSettings,
    features,
    oauth: undefined as never,
    ctx: createExecutionContext(),
  };
  const outcome = await throttleSignIn(context, given.by ?? method, form);
  if (!("status" in outcome)) return "identity" in outcome ? "in" : "wrong";
  const result = showProblem(context, outcome);
  expect(result.status).toBe(429);
  expect(result.headers.get("content-type")).toContain("text/html");
  return Number(result.headers.get("retry-after"));
}

async function repeat(times: number, given: Attempt = {}): Promise<unknown[]> {
  const outcomes: unknown[] = [];
  for (let index = 0; index < times; index++) outcomes.push(await attempt(given));
  return outcomes;
}

afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

test("after five wrong passwords even the right one has to wait", async () => {
  expect(await repeat(5)).toEqual(Array(5).fill("wrong"));
  expect(await attempt()).toBeGreaterThan(0);
  expect(await attempt({ password: "right" })).toBeGreaterThan(0);
  // However the email is written.
  expect(await attempt({ email: " ADA@example.com " })).toBeGreaterThan(0);
});

test("of many guesses at once five are made", async () => {
  const outcomes = await Promise.all(Array.from({ length: 40 }, () => attempt()));
  expect(outcomes.filter((outcome) => outcome === "wrong")).toHaveLength(5);
});

test("who guesses at an account keeps its owner out of nothing, from another address", async () => {
  await repeat(8);
  expect(await attempt({ address: "203.0.113.2", password: "right" })).toBe("in");
  expect(await attempt({ address: "203.0.113.2", email: "bob@example.com" })).toBe("wrong");
});

test("nor does it help to guess from many addresses: each has one guess, and the owner comes in", async () => {
  for (let network = 10; network < 20; network++) {
    await repeat(5, { address: `198.51.100.${network}` });
  }
  const fresh = { address: "198.51.100.99" };
  expect(await attempt(fresh)).toBe("wrong");
  expect(await attempt(fresh)).toBeGreaterThan(0);
  expect(await attempt({ address: "203.0.113.2", password: "right" })).toBe("in");
});

test("an IPv6 network has one share, whichever of its addresses it speaks from", async () => {
  for (let host = 1; host <= 5; host++) await attempt({ address: `2001:db8::${host}` });
  expect(await attempt({ address: "2001:db8::ffff" })).toBeGreaterThan(0);
  expect(await attempt({ address: "2001:db8:0:ff::1" })).toBeGreaterThan(0);
  expect(await attempt({ address: "2001:db8:0:100::1" })).toBe("wrong");
});

test("one address has twenty failures, whichever accounts it tries", async () => {
  for (let person = 0; person < 20; person++) {
    expect(await attempt({ email: `person${person}@example.com` })).toBe("wrong");
  }
  expect(await attempt({ email: "last@example.com" })).toBeGreaterThan(0);
  expect(await attempt({ email: "last@example.com", address: "203.0.113.9" })).toBe("wrong");
});

test("strangers at a few addresses do not use up the sign-ins of an account's owner", async () => {
  const counts = new Map<string, number>();
  const SIGN_IN_LIMIT = {
    limit: async ({ key }: { key: string }) => {
      counts.set(key, (counts.get(key) ?? 0) + 1);
      return { success: (counts.get(key) ?? 0) <= 5 };
    },
  };
  for (let network = 1; network <= 4; network++) {
    await repeat(5, { address: `198.51.100.${network}`, with: { SIGN_IN_LIMIT } });
  }
  const owner = { address: "203.0.113.2", password: "right", with: { SIGN_IN_LIMIT } };
  expect(await attempt(owner)).toBe("in");
  // The limit is there, and each address meets its own.
  expect(await attempt({ address: "198.51.100.1", with: { SIGN_IN_LIMIT } })).toBe(60);
});

test("a guess that was not made is counted nowhere", async () => {
  for (let person = 0; person < 20; person++) await attempt({ email: `p${person}@example.com` });
  expect(await attempt({ email: "last@example.com" })).toBeGreaterThan(0);
  const account = await deriveCounter(workerEnv, byAccount("last@example.com"));
  const stored = await runInDurableObject(
    findThrottle(workerEnv, account) as never,
    (_object, { storage }) => [...storage.kv.list()],
  );
  expect(stored).toEqual([]);
});

test("emails that were invented wake no more counters than their address may guess", async () => {
  const before = await listDurableObjectIds(workerEnv.THROTTLES as never);
  const outcomes: unknown[] = [];
  for (let person = 0; person < 40; person++) {
    outcomes.push(await attempt({ email: `invented${person}@example.com` }));
  }
  expect(outcomes.filter((outcome) => outcome === "wrong")).toHaveLength(20);
  // Those of twenty accounts, and the address's own.
  const after = await listDurableObjectIds(workerEnv.THROTTLES as never);
  const woken = after.filter((id) => !before.some((known) => known.equals(id)));
  expect(woken.length).toBeLessThanOrEqual(21);
  expect(woken.length).toBeGreaterThanOrEqual(20);
});

test("what an account refuses does not count against the address", async () => {
  expect(await repeat(5)).toEqual(Array(5).fill("wrong"));
  for (let tries = 0; tries < 20; tries++) expect(await attempt()).toBeGreaterThan(0);
  expect(await attempt({ email: "bob@example.com" })).toBe("wrong");
});

test("a sign-in resets its account and nothing else", async () => {
  for (let round = 0; round < 4; round++) {
    expect(await repeat(4)).toEqual(Array(4).fill("wrong"));
    expect(await attempt({ password: "right" })).toBe("in");
  }
  // An account of one's own does not wash the address clean.
  expect(await repeat(4)).toEqual(Array(4).fill("wrong"));
  expect(await attempt({ email: "bob@example.com" })).toBeGreaterThan(0);
});

test("neither right passwords nor a mistake beside the password count", async () => {
  expect(await repeat(30, { password: "right" })).toEqual(Array(30).fill("in"));
  expect(await repeat(30, { email: "no email" })).toEqual(Array(30).fill("wrong"));
  expect(await attempt()).toBe("wrong");
});

/** The objects, and the names by which they are asked for. */
function listenToNames() {
  const names: string[] = [];
  const THROTTLES = new Proxy(workerEnv.THROTTLES, {
    get: (target, key) => {
      if (key !== "idFromName") return Reflect.get(target, key).bind(target);
      return (name: string) => {
        names.push(name);
        return target.idFromName(name);
      };
    },
  });
  return { names, THROTTLES };
}

test("nothing is counted where every password is right", async () => {
  const { canRefuse: _, ...open } = method;
  const { names, THROTTLES } = listenToNames();
  await repeat(10, { by: open, with: { THROTTLES } });
  expect(names).toEqual([]);
});

test("neither email nor address stands in the name of a counter, and no email in the log", async () => {
  const lines: string[] = [];
  vi.spyOn(console, "log").mockImplementation((line) => void lines.push(String(line)));
  const { names, THROTTLES } = listenToNames();
  await repeat(6, { with: { THROTTLES } });
  expect(new Set(names).size).toBe(2);
  for (const name of names) expect(name).toMatch(/^(account|address):[0-9a-f]{64}$/);
  expect(lines.join("\n")).toContain("sign-in-throttled");
  expect(lines.join("\n")).not.toMatch(/ada|203\.0/);
});

test("limits and counters that fail let people through, and say so in the log", async () => {
  const lines: string[] = [];
  vi.spyOn(console, "error").mockImplementation((line) => void lines.push(String(line)));
  const broken = { limit: () => Promise.reject(new Error("limiter down")) };
  const THROTTLES = new Proxy(workerEnv.THROTTLES, {
    get: () => () => {
      throw new Error("objects down");
    },
  });
  const given = { with: { SIGN_IN_LIMIT: broken, THROTTLES } };
  expect(await repeat(8, given)).toEqual(Array(8).fill("wrong"));
  expect(await attempt({ ...given, password: "right" })).toBe("in");
  expect(lines.join("\n")).toMatch(/limit-failure.*limiter down/);
  expect(lines.join("\n")).toMatch(/throttle-failure.*objects down/);
});

test("the rate limit counts the address alone", async () => {
  const keys: string[] = [];
  const SIGN_IN_LIMIT = {
    limit: async ({ key }: { key: string }) => {
      keys.push(key);
      return { success: false };
    },
  };
  expect(await attempt({ with: { SIGN_IN_LIMIT } })).toBe(60);
  expect(keys).toEqual([expect.stringMatching(/^address:[0-9a-f]{64}$/)]);
});
