import { expect } from "vitest";
import { type AuthorizationOptions, OAuthApp } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";
import { test } from "../support/test.ts";

const scope = "math:use profile:read";

/** A person who approved a client, and asked not to be asked again. */
async function approveForGood(origin: string, email = "ada@example.com") {
  const app = await OAuthApp.register(origin);
  const person = new Person(email);
  await person.visit(app.begin({ scope }).url);
  await person.signIn();
  person.setTick("remember", "yes", true);
  await person.decide("approve");
  return { app, person };
}

/** Whether the client gets its code without a page. */
async function isSilent(
  person: Person,
  app: OAuthApp,
  options: AuthorizationOptions = {},
): Promise<boolean> {
  const { leavesFor } = await person.visit(app.begin({ scope, ...options }).url);
  return leavesFor?.searchParams.has("code") ?? false;
}

test("a consent is remembered only when the person asked for it", async ({ server }) => {
  const { app, person } = await approveForGood(server.origin);
  expect(await isSilent(person, app)).toBe(true);

  const other = await OAuthApp.register(server.origin);
  await person.authorize(other.begin({ scope }).url);
  expect(await isSilent(person, other)).toBe(false);
});

test("who ends a connection is asked again, whatever was remembered", async ({ server }) => {
  const { app, person } = await approveForGood(server.origin, "ender@example.com");
  const login = app.begin({ scope });
  const { leavesFor } = await person.visit(login.url);
  expect((await app.redeem(leavesFor?.searchParams.get("code") ?? "", login)).status).toBe(200);
  await person.visit(`${server.origin}/connections`);
  await person.submit("end-all");
  expect(await isSilent(person, app)).toBe(false);
});

test("a remembered consent covers less, and nothing that is wider or else", async ({ server }) => {
  const { app, person } = await approveForGood(server.origin);
  expect(await isSilent(person, app, { scope: "math:use" })).toBe(true);
  expect(await isSilent(person, app, { scope: `${scope} memory:read` })).toBe(false);
  expect(await isSilent(person, app, { path: "/sse" })).toBe(false);

  const other = await OAuthApp.register(server.origin);
  expect(await isSilent(person, other)).toBe(false);
  const moved = OAuthApp.known(server.origin, app.clientId, "http://localhost:9999/callback");
  expect(await isSilent(person, moved)).toBe(false);

  // Another person in the same browser is asked, and the first one is known again.
  await person.visit(app.begin({ scope: `${scope} memory:read` }).url);
  await person.submit("switch");
  await person.submit("sign-in", { email: "second@example.com", password: "x" });
  expect(await isSilent(person, app)).toBe(false);
  await person.submit("switch");
  await person.submit("sign-in", { email: "ada@example.com", password: "x" });
  expect(await isSilent(person, app)).toBe(true);

  // Another browser knows nothing of it.
  const elsewhere = new Person("ada@example.com");
  await elsewhere.visit(app.begin({ scope }).url);
  await elsewhere.signIn();
  expect(elsewhere.sees("consent")).toBe(true);
});

test("what was unticked is not remembered as allowed", async ({ server }) => {
  const app = await OAuthApp.register(server.origin);
  const person = new Person("less@example.com");
  await person.visit(app.begin({ scope }).url);
  await person.signIn();
  person.setTick("remember", "yes", true);
  person.setTick("scope", "profile:read", false);
  await person.decide("approve");
  expect(await isSilent(person, app, { scope: "math:use" })).toBe(true);
  expect(await isSilent(person, app)).toBe(false);
});

test("another site's page cannot use what a person once allowed", async ({ server }) => {
  const { app, person } = await approveForGood(server.origin);
  const { url } = app.begin({ scope });
  const cookie = await person.browser.readCookies(url);
  const open = async (headers: Record<string, string>) =>
    (await fetch(url, { headers: { cookie, ...headers }, redirect: "manual" })).status;
  expect(await open({ "sec-fetch-site": "cross-site" })).toBe(200);
  expect(await open({ "sec-fetch-site": "none" })).toBe(303);
});

test("prompt=consent brings the page, and prompt=none never does", async ({ server }) => {
  const { app, person } = await approveForGood(server.origin);
  const ask = async (prompt: string, who = person) => {
    const { url, state } = app.begin({ scope });
    url.searchParams.set("prompt", prompt);
    return { page: await who.visit(url), state };
  };
  await ask("consent");
  expect(person.sees("consent")).toBe(true);
  const { page } = await ask("none");
  expect(page.leavesFor?.searchParams.has("code")).toBe(true);

  // Somebody who is not signed in, and somebody who never allowed it.
  const stranger = new Person("stranger@example.com");
  const refused = await ask("none", stranger);
  await stranger.visit(app.begin({ scope }).url);
  await stranger.signIn();
  for (const { page, state } of [refused, await ask("none", stranger)]) {
    expect(page.leavesFor?.href.split("?")[0]).toBe(app.redirectUri);
    expect(Object.fromEntries(page.leavesFor?.searchParams ?? [])).toEqual({
      error: "access_denied",
      error_description: expect.stringContaining("prompt=none"),
      state,
      iss: server.origin,
    });
  }
});
