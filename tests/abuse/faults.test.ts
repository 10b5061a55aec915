import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { crowdSettings } from "../load/support/crowd.ts";
import { everyScope } from "../support/connect.ts";
import { keepFigures } from "../support/keep-figures.ts";
import { postMessage, toInitialize, toToolCall } from "../support/mcp-by-hand.ts";
import { OAuthApp } from "../support/oauth-app.ts";
import { changeJson, OpenIdProvider, providerClient } from "../support/openid-provider.ts";
import { PersonElsewhere } from "../support/person-elsewhere.ts";
import { SimulatedStack } from "../support/simulation/simulated-stack.ts";

/** One stack for all: each test brings its own person and client, and ends the fault that it makes. */
let world: SimulatedStack;
let provider: OpenIdProvider;

beforeAll(async () => {
  await using starting = new AsyncDisposableStack();
  provider = starting.use(await OpenIdProvider.start());
  world = starting.use(
    await SimulatedStack.start({
      settings: {
        identityMethod: "oidc",
        oidcIssuer: provider.issuer,
        oidcClientId: providerClient.id,
        ...crowdSettings,
      },
      secrets: { oidcClientSecret: providerClient.secret },
      outbound: provider.outbound,
      conditions: { kvLateness: 0 },
    }),
  );
  provider.register(world.origin);
  const started = starting.move();
  return () => started.disposeAsync();
});

/** What was suffered, for the figures. */
const suffered = new Set<string>();

afterAll(() => keepFigures("faults", { faults: suffered.size }));

function meet(login: string): PersonElsewhere {
  const browser = provider.openBrowser();
  return new PersonElsewhere((url) => provider.signIn(browser, url, login));
}

async function logIn(login: string) {
  const app = await OAuthApp.register(world.origin);
  const person = meet(login);
  return { app, person, ...(await app.logIn(person, { scope: everyScope })) };
}

/** Lets a fault last until the test ends. */
async function suffer(conditions: Parameters<SimulatedStack["set"]>[0]): Promise<void> {
  onTestFinished(heal);
  suffered.add(JSON.stringify(conditions));
  await world.set(conditions);
}

function heal(): Promise<void> {
  return world.set({ kvDelay: 0, kvFailure: null, kvLateness: 0, limitsFail: false });
}

/** Calls a tool. @returns status, Retry-After, and what was said. */
async function call(token: string, tool = "whoami", args: object = {}, place = "home") {
  const message = toToolCall(tool, args);
  const headers = { "x-simulated-place": place };
  const response = await postMessage(`${world.origin}/mcp`, token, message, headers);
  const { status } = response;
  return { status, retryAfter: response.headers.get("retry-after"), text: await response.text() };
}

/** Asks for new tokens. */
async function refresh(app: OAuthApp, refreshToken: string) {
  const response = await fetch(`${world.origin}/token`, {
    method: "POST",
    body: new URLSearchParams({
      ...{ grant_type: "refresh_token", client_id: app.clientId, refresh_token: refreshToken },
    }),
  });
  const body = (await response.json()) as { readonly error?: string };
  return { status: response.status, retryAfter: response.headers.get("retry-after"), body };
}

const comeAgain = {
  status: 503,
  retryAfter: expect.stringMatching(/^\d+$/),
  body: { error: "temporarily_unavailable" },
};

/** Opens an authorization, registers a client, and tells how each was answered. */
async function begin(app: OAuthApp) {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ redirect_uris: ["http://localhost:9/cb"] });
  const answers = await Promise.all([
    fetch(app.begin().url, { redirect: "manual" }),
    fetch(`${world.origin}/register`, { method: "POST", headers, body }),
  ]);
  return answers.map(({ status, headers: all }) => ({
    status,
    retryAfter: all.get("retry-after"),
  }));
}

test("while KV is slow, everything is late and nothing is wrong", async () => {
  await suffer({ kvDelay: 120 });
  const { app, accessToken, refreshToken } = await logIn("slow");
  const answers = await Promise.all(Array.from({ length: 8 }, () => call(accessToken)));
  for (const answer of answers) {
    expect(answer.status).toBe(200);
    expect(answer.text).toContain("slow@example.com");
  }
  expect(await refresh(app, refreshToken)).toMatchObject({ status: 200 });
});

test("while KV cannot be read, everybody is told when to come again, and nobody loses anything", async () => {
  const { app, accessToken, refreshToken } = await logIn("unread");
  await suffer({ kvFailure: { operations: ["get", "list"], message: "KV GET failed: 500" } });
  expect(await call(accessToken)).toMatchObject({ status: 503, retryAfter: "5" });
  expect(await refresh(app, refreshToken)).toMatchObject(comeAgain);
  // For half a minute, the isolate in which a client registered has its record, and of no other.
  const { url } = app.begin();
  url.searchParams.set("client_id", "registered-elsewhere");
  const authorize = await fetch(url, { redirect: "manual" });
  expect(authorize.status).toBe(503);
  expect(authorize.headers.get("retry-after")).toBe("30");
  await heal();
  expect(await call(accessToken)).toMatchObject({ status: 200 });
  expect(await refresh(app, refreshToken)).toMatchObject({ status: 200 });
});

test("when the day's KV writes are used up, calls go on, and refreshes and sign-ins wait without a loss", async () => {
  const { app, person, accessToken, refreshToken } = await logIn("unwritten");
  await suffer({
    kvFailure: { operations: ["put", "delete"], message: "KV put() limit exceeded for the day." },
  });
  expect(await call(accessToken)).toMatchObject({ status: 200 });
  const kept = await call(accessToken, "put", { name: "rate", value: 4 });
  expect(kept.text).toContain('"replaced":false');
  expect(await refresh(app, refreshToken)).toMatchObject(comeAgain);
  expect(await refresh(app, refreshToken)).toMatchObject(comeAgain);
  const [, register] = await begin(app);
  expect(register).toEqual({ status: 503, retryAfter: "30" });
  const asked = app.begin();
  await expect(person.authorize(asked.url)).rejects.toThrow("503");
  await heal();
  // The same token, and the same client: nothing was half done.
  expect(await refresh(app, refreshToken)).toMatchObject({ status: 200 });
  expect(
    (await meet("unwritten").authorize(app.begin().url)).searchParams.get("code"),
  ).toBeTruthy();
  expect(world.server.requests.join("\n")).toContain("limit exceeded for the day");
});

test("while KV shows everything a minute late elsewhere, a new token works there at once, and so does the next", async () => {
  await suffer({ kvLateness: 60_000 });
  const app = await OAuthApp.register(world.origin);
  await world.advanceTo(world.now + 61_000);
  const { accessToken, refreshToken } = await app.logIn(meet("late"));
  expect(await call(accessToken, "whoami", {}, "elsewhere")).toMatchObject({ status: 200 });
  const renewed = await app.refresh(refreshToken);
  const { access_token: next = "" } = renewed.body;
  expect(await call(next, "whoami", {}, "third")).toMatchObject({ status: 200 });
  const invented = await call(`${next}x`, "whoami", {}, "third");
  expect(invented).toMatchObject({ status: 401 });
});

test("while no limit can count, requests pass and the log says so", async () => {
  await suffer({ limitsFail: true });
  const before = world.server.requests.length;
  const { app, accessToken, refreshToken } = await logIn("unlimited");
  expect(await call(accessToken)).toMatchObject({ status: 200 });
  expect(await refresh(app, refreshToken)).toMatchObject({ status: 200 });
  const log = world.server.requests.slice(before).join("\n");
  expect(log).toContain('"event":"limit-failure"');
  expect(log).not.toContain('"event":"failure"');
});

test("an object that is taken out of memory in a call costs that call at most, and never what was kept", async () => {
  const { app, accessToken, ...login } = await logIn("evicted");
  let kept = 0;
  let failed = 0;
  for (let value = 1; value <= 6; value++) {
    const answer = await evictUntil("PEOPLE", call(accessToken, "put", { name: "count", value }));
    expect(answer.status).toBe(200);
    const isKept = !answer.text.includes('"isError":true');
    if (isKept) kept = value;
    else {
      failed += 1;
      expect(answer.text).toContain("Try again");
    }
    const { text } = await call(accessToken, "get", { name: "count" });
    // What was answered is there; what failed may have been written before the object went.
    const [, found = "0"] = /"value":(\d+)/.exec(text) ?? [];
    expect([kept, value]).toContain(Number(found));
    kept = Number(found);
  }
  // So that an object is evicted while it waits.
  await suffer({ kvDelay: 100 });
  let { refreshToken } = login;
  for (let round = 1; round <= 2; round++) {
    const answer = await evictUntil("TOKEN_GATES", refresh(app, refreshToken));
    // On a slow machine the object may have been done before it went.
    if (answer.status !== 200) expect(answer).toMatchObject(comeAgain);
    const again = await app.refresh(refreshToken);
    expect(again.status).toBe(200);
    refreshToken = again.body.refresh_token ?? "";
  }
  console.info(`Calls of a tool that an evicted object has cost: ${failed} of 6`);
});

/** Takes the object that woke last out of memory, again and again until there is an answer. */
async function evictUntil<Answer>(binding: string, answer: Promise<Answer>): Promise<Answer> {
  let isAnswered = false;
  const done = answer.finally(() => {
    isAnswered = true;
  });
  suffered.add(`${binding} evicted`);
  while (!isAnswered) await world.abortObject(binding, 0.999);
  return done;
}

test("a session whose object is taken out of memory in a call ends that call, and goes on", async () => {
  const { accessToken } = await logIn("session");
  const mcp = `${world.origin}/mcp`;
  const opened = await postMessage(mcp, accessToken, toInitialize({ elicitation: { form: {} } }));
  await opened.text();
  const headers = {
    "mcp-session-id": opened.headers.get("mcp-session-id") ?? "",
    "mcp-protocol-version": "2025-11-25",
  };
  const ask = async (steps: number) => {
    const count = toToolCall("count", { steps, pause: 20 });
    const response = await postMessage(mcp, accessToken, count, headers);
    // The stream may break off.
    return [response.status, await response.text().catch(() => "broken off")] as const;
  };
  const [, broken] = await evictUntil("SESSIONS", ask(500));
  expect(broken).not.toContain("Counted to 500");
  const [status, text] = await ask(2);
  expect(status, text).toBe(200);
  expect(text).toContain("Counted to 2");
});

test("a consent page and a visit survive that their objects are taken out of memory", async () => {
  const app = await OAuthApp.register(world.origin);
  const person = meet("patient");
  const { url } = app.begin();
  await person.visit(url);
  await person.decide("approve");
  expect(person.page.leavesFor?.href).toContain(provider.issuer);
  // Of two objects the later one is the visit's; the other knows which pages were answered.
  for (const which of [0, 0.999]) {
    expect(await world.abortObject("TRANSACTIONS", which)).toMatch(/^TRANSACTIONS:/);
  }
  await person.goElsewhere();
  expect(person.page.leavesFor?.searchParams.get("code")).toBeTruthy();
});

test("a sign-in that is down, slow or lies signs nobody in, and a person can try again", async () => {
  onTestFinished(() => {
    provider.tamper = (_path, response) => response;
  });
  const app = await OAuthApp.register(world.origin);
  const lies: Readonly<Record<string, readonly [OpenIdProvider["tamper"], string]>> = {
    "it is down": [() => new Response("down", { status: 503 }), "Sign-in does not answer"],
    "it breaks the line": [
      () => {
        throw new Error("The line broke.");
      },
      "Sign-in does not answer",
    ],
    // Ten seconds are what a person is asked to wait.
    "it never answers": [
      (path, response) => (path === "/token" ? new Promise<Response>(() => {}) : response),
      "Sign-in does not answer",
    ],
    "it answers no JSON": [
      (path, response) => (path === "/token" ? new Response("<html>Welcome</html>") : response),
      "Sign-in did not work",
    ],
    "it signs the person in at somebody else's client": [
      changeJson("/token", (body) => ({
        ...body,
        id_token: provider.resign(String(body.id_token), { aud: "another-client" }),
      })),
      "Sign-in did not work",
    ],
    "it answers an older sign-in": [
      changeJson("/token", (body) => ({
        ...body,
        id_token: provider.resign(String(body.id_token), { nonce: "of-another-sign-in" }),
      })),
      "Sign-in did not work",
    ],
    "it gives somebody else's profile": [
      changeJson("/me", (body) => ({ ...body, sub: "somebody-else" })),
      "Sign-in did not work",
    ],
  };
  for (const [what, [tamper, title]] of Object.entries(lies)) {
    provider.tamper = tamper;
    suffered.add(what);
    const person = meet("deceived");
    await expect(person.authorize(app.begin().url), what).rejects.toThrow(title);
    expect(person.page.leavesFor, what).toBeUndefined();
    expect(person.page.text, what).not.toContain("Welcome");
  }
  provider.tamper = (_path, response) => response;
  expect((await meet("deceived").authorize(app.begin().url)).searchParams.get("code")).toBeTruthy();
});
