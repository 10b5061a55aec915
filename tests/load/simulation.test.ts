import { beforeAll, expect, onTestFinished, test } from "vitest";
import { postMessage, toToolCall } from "../support/mcp-by-hand.ts";
import { OAuthApp } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";
import { SimulatedStack } from "../support/simulation/simulated-stack.ts";

/** The simulation itself: if time, KV or objects were real here, the thirty days would prove nothing. */
let world: SimulatedStack;

beforeAll(async () => {
  world = await SimulatedStack.start();
  return () => world[Symbol.asyncDispose]();
});

const minute = 60_000;

async function call(token: string, place: string): Promise<number> {
  const headers = { "x-simulated-place": place };
  const { status } = await postMessage(
    `${world.origin}/mcp`,
    token,
    toToolCall("whoami", {}),
    headers,
  );
  return status;
}

test("time passes as it is told: a token ends after its hour and a grant after its month", async () => {
  const app = await OAuthApp.register(world.origin);
  await world.advanceTo(world.now + 2 * minute);
  const login = await app.logIn(new Person("ada@example.com"));
  expect(await call(login.accessToken, "home")).toBe(200);
  await world.advanceTo(world.now + 59 * minute);
  expect(await call(login.accessToken, "home")).toBe(200);
  await world.advanceTo(world.now + 2 * minute);
  expect(await call(login.accessToken, "home")).toBe(401);
  const refreshed = await app.refresh(login.refreshToken);
  expect(refreshed.status).toBe(200);
  await world.advanceTo(world.now + 31 * 24 * 60 * minute);
  const late = await app.refresh(refreshed.body.refresh_token ?? "");
  expect(late).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
});

test("KV shows a client where it registered, and elsewhere a minute later", async () => {
  const app = await OAuthApp.register(world.origin);
  const see = (place: string) =>
    fetch(app.begin().url, { headers: { "x-simulated-place": place }, redirect: "manual" });
  expect((await see("home")).status).toBe(200);
  expect((await see("elsewhere")).status).toBe(400);
  await world.advanceTo(world.now + minute);
  expect((await see("elsewhere")).status).toBe(200);
});

test("an object that is taken out of memory fails the call it is in, and comes back with its data", async () => {
  const app = await OAuthApp.register(world.origin);
  await world.advanceTo(world.now + 2 * minute);
  const login = await app.logIn(new Person("grace@example.com"));
  let { refreshToken } = login;
  await world.set({ kvDelay: 200 });
  onTestFinished(() => world.set({ kvDelay: 0 }));
  const answer = await abortUntil(app.refresh(refreshToken));
  expect(answer).toMatchObject({ status: 503, body: { error: "temporarily_unavailable" } });
  const again = await app.refresh(refreshToken);
  expect(again.status).toBe(200);
  refreshToken = again.body.refresh_token ?? "";
  await world.deploy();
  expect((await app.refresh(refreshToken)).status).toBe(200);
});

test("a call whose token cannot be checked is told when to come again, and goes well then", async () => {
  const app = await OAuthApp.register(world.origin);
  await world.advanceTo(world.now + 2 * minute);
  const { accessToken } = await app.logIn(new Person("alan@example.com"));
  onTestFinished(() => world.set({ kvFailure: null }));
  await world.set({ kvFailure: { operations: ["get"], message: "KV GET failed: 500" } });
  const refused = await postMessage(`${world.origin}/mcp`, accessToken);
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "5"]);
  expect(await refused.json()).toMatchObject({ error: "temporarily_unavailable" });
  expect(world.server.requests.join("\n")).toContain('"token-check-failure"');
  await world.set({ kvFailure: null });
  expect(await call(accessToken, "home")).toBe(200);
});

/** Takes the gate that woke last out of memory, again and again until there is an answer. */
async function abortUntil<Answer>(answer: Promise<Answer>): Promise<Answer> {
  let isAnswered = false;
  const done = answer.finally(() => {
    isAnswered = true;
  });
  let aborted = 0;
  while (!isAnswered) {
    // One that was just taken out is not back yet.
    if ((await world.abortObject("TOKEN_GATES", 0.999)) !== null) aborted += 1;
  }
  expect(aborted).toBeGreaterThan(0);
  return done;
}
