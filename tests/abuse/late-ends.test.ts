import { beforeAll, expect, test } from "vitest";
import { postMessage, toToolCall } from "../support/mcp-by-hand.ts";
import { OAuthApp } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";
import { SimulatedStack } from "../support/simulation/simulated-stack.ts";

/** A world of several isolates, one at each place, in which KV is as late as it may be. */
let world: SimulatedStack;

beforeAll(async () => {
  world = await SimulatedStack.start();
  return () => world[Symbol.asyncDispose]();
});

const second = 1000;

/** Status of a call at a place, and how often KV was asked for it. */
async function call(token: string, place: string) {
  const before = await world.count();
  const { status, body } = await postMessage(
    `${world.origin}/mcp`,
    token,
    toToolCall("whoami", {}),
    { "x-simulated-place": place },
  );
  await body?.cancel();
  return { status, reads: (await world.count()).reads - before.reads };
}

test("an ended connection is over everywhere within a minute, and its record is gone at once where it ended", async () => {
  const app = await OAuthApp.register(world.origin);
  await world.advanceTo(world.now + 61 * second);
  const { accessToken, refreshToken } = await app.logIn(new Person("ada@example.com"));
  await world.advanceTo(world.now + 61 * second);

  for (const place of ["home", "elsewhere"]) {
    expect(await call(accessToken, place)).toEqual({ status: 200, reads: 1 });
    expect(await call(accessToken, place)).toEqual({ status: 200, reads: 0 });
  }
  await world.advanceTo(world.now + 15 * second);
  const revocation = await fetch(`${world.origin}/token`, {
    method: "POST",
    headers: { "x-simulated-place": "home" },
    body: new URLSearchParams({ client_id: app.clientId, token: refreshToken }),
  });
  expect(revocation.status).toBe(200);
  const ended = world.now;
  // It asks KV again, which may still have it; the other isolate knows nothing.
  expect(await call(accessToken, "home")).toMatchObject({ reads: 1 });
  expect(await call(accessToken, "elsewhere")).toEqual({ status: 200, reads: 0 });

  // The other isolate asks KV as late as it can get the record from there, and keeps it: the longest way.
  await world.advanceTo(ended + 22 * second);
  expect(await call(accessToken, "elsewhere")).toEqual({ status: 200, reads: 1 });
  await world.advanceTo(ended + 44 * second);
  expect(await call(accessToken, "elsewhere")).toEqual({ status: 200, reads: 0 });
  await world.advanceTo(ended + 60 * second);
  for (const place of ["home", "elsewhere", "third"]) {
    expect((await call(accessToken, place)).status, place).toBe(401);
  }
});
