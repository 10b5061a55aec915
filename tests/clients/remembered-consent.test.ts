import { test as base, expect } from "vitest";
import type { FormHeaders } from "../../scripts/mcp/doctor/signed-in/sign-in/html-browser.ts";
import { type AuthorizationOptions, OAuthApp } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";
import { startStackServer } from "../support/stack-server.ts";

/** A server that lets one address come more often in a minute than a person would. */
const test = base.extend(
  "server",
  { scope: "file" },
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what is needed.
  async ({}, { onCleanup }) => {
    const settings = { authorizationsPerMinute: "100000", signInsPerMinute: "100000" };
    const server = await startStackServer({ settings });
    onCleanup(() => server[Symbol.asyncDispose]());
    return server;
  },
);

const scope = "demo:use demo:profile";

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
  // All can be ended at once where there are several, and a login of the same client may take its older one's place.
  await (await OAuthApp.register(server.origin)).logIn(person);
  await person.visit(`${server.origin}/connections`);
  await person.submit("end-all");
  expect(await isSilent(person, app)).toBe(false);
});

test("a remembered consent covers less, and nothing that is wider or else", async ({ server }) => {
  const { app, person } = await approveForGood(server.origin);
  expect(await isSilent(person, app, { scope: "demo:use" })).toBe(true);
  expect(await isSilent(person, app, { scope: `${scope} demo:read` })).toBe(false);
  expect(await isSilent(person, app, { path: "/sse" })).toBe(false);

  const other = await OAuthApp.register(server.origin);
  expect(await isSilent(person, other)).toBe(false);
  const moved = OAuthApp.known(server.origin, app.clientId, "http://localhost:9999/callback");
  expect(await isSilent(person, moved)).toBe(false);

  // Another person in the same browser is asked, and the first one is known again.
  await person.visit(app.begin({ scope: `${scope} demo:read` }).url);
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
  person.setTick("scope", "demo:profile", false);
  await person.decide("approve");
  expect(await isSilent(person, app, { scope: "demo:use" })).toBe(true);
  expect(await isSilent(person, app)).toBe(false);
});

/** What browsers say of visits that a page of another site may have caused, and what old ones do not say. */
const unknownCauses: readonly FormHeaders[] = [
  { "sec-fetch-site": "cross-site" },
  { "sec-fetch-site": "same-site" },
  { "sec-fetch-site": "same-origin" },
  {},
];

test("another site's page cannot use what a person once allowed", async ({ server }) => {
  const { app, person } = await approveForGood(server.origin);
  for (const headers of unknownCauses) {
    const page = await person.visit(app.begin({ scope }).url, headers);
    expect(page.leavesFor, JSON.stringify(headers)).toBeUndefined();
    expect(person.sees("consent")).toBe(true);

    const none = app.begin({ scope });
    none.url.searchParams.set("prompt", "none");
    const { leavesFor } = await person.visit(none.url, headers);
    expect(leavesFor?.searchParams.get("error"), JSON.stringify(headers)).toBe("access_denied");
  }
  expect(await isSilent(person, app)).toBe(true);
});

test("nor can it where the person has to sign in first, whichever way they do", async ({
  server,
}) => {
  const { app, person } = await approveForGood(server.origin);
  /** The hour of the sign-in is over, and the consent is still remembered. */
  const forget = async (headers: FormHeaders) => {
    await person.visit(app.begin({ scope: "demo:read" }).url);
    await person.submit("switch");
    await person.visit(app.begin({ scope }).url, headers);
    expect(person.sees("sign-in")).toBe(true);
  };
  for (const headers of unknownCauses) {
    const what = JSON.stringify(headers);
    await forget(headers);
    await person.signIn();
    expect(person.page.leavesFor, what).toBeUndefined();
    expect(person.sees("consent"), what).toBe(true);

    // A mistake in the form does not lose who caused the visit.
    await forget(headers);
    await person.submit("sign-in", { email: "nobody", password: "x" });
    await person.signIn();
    expect(person.sees("consent"), what).toBe(true);

    // Nor does the way over another account.
    await forget(headers);
    await person.submit("sign-in", { email: "second@example.com", password: "x" });
    await person.submit("switch");
    await person.signIn();
    expect(person.sees("consent"), what).toBe(true);
  }
});

test("a person who opened the app's link themselves signs in, and is not asked again", async ({
  server,
}) => {
  const { app, person } = await approveForGood(server.origin);
  for (const withMistake of [false, true]) {
    await person.visit(app.begin({ scope: "demo:read" }).url);
    await person.submit("switch");
    const login = app.begin({ scope });
    await person.visit(login.url);
    if (withMistake) await person.submit("sign-in", { email: "nobody", password: "x" });
    const { leavesFor } = await person.signIn();
    expect((await app.redeem(leavesFor?.searchParams.get("code") ?? "", login)).status).toBe(200);
  }
  // They are signed in from there on.
  expect(await isSilent(person, app)).toBe(true);
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
