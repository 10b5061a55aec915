import { expect } from "vitest";
import { OAuthApp } from "../../support/oauth-app.ts";
import { Person } from "../../support/person.ts";
import { test } from "../../support/test.ts";

/** What a browser says of a form that another site's page sent, and of no browser at all. */
const foreignForms: Record<string, string>[] = [
  { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
  { origin: "https://evil.example" },
  { origin: "null" },
  { "sec-fetch-site": "cross-site" },
  { "sec-fetch-site": "same-site" },
  { "sec-fetch-site": "none" },
  {},
];

test("Deny sends the client an error and gives it nothing", async ({ server }) => {
  const person = new Person("denier@example.com");
  const app = await OAuthApp.register(server.origin);
  const { url, state } = app.begin();

  const redirect = await person.authorize(url, { decision: "deny" });
  expect(redirect.href.split("?")[0]).toBe(app.redirectUri);
  expect(Object.fromEntries(redirect.searchParams)).toMatchObject({
    error: "access_denied",
    state,
    iss: server.origin,
  });
  expect(redirect.searchParams.has("code")).toBe(false);

  // The answer is used up, and changing one's mind starts with the client again.
  person.back();
  await person.decide("approve");
  expect(person.page.status).toBe(400);
  await person.visit(url);
  expect(person.sees("consent")).toBe(true);
});

test("a sign-in form without an email or a password comes back with a message", async ({
  server,
}) => {
  const person = new Person("empty@example.com");
  const app = await OAuthApp.register(server.origin);
  const { url } = app.begin();
  await person.visit(url);

  const attempts = [
    { answers: { email: "", password: "x" }, problem: "Enter an email address" },
    { answers: { email: "no at sign", password: "x" }, problem: "Enter an email address" },
    { answers: { email: person.email, password: "" }, problem: "Enter any password" },
  ];
  for (const { answers, problem } of attempts) {
    const page = await person.submit("sign-in", answers);
    expect(page.status).toBe(400);
    expect(page.text).toContain(problem);
    expect(page.root.querySelector("[name=email]")?.getAttribute("value")).toBe(answers.email);
    expect(page.root.querySelector("[name=password]")?.getAttribute("value") ?? "").toBe("");
    expect(await person.browser.listCookieValues(url)).toEqual([]);
  }
  await person.visit(url);
  expect(person.sees("sign-in")).toBe(true);
});

test("an answer counts once, in the browser and for the person it was asked of", async ({
  server,
}) => {
  const app = await OAuthApp.register(server.origin);
  const { url } = app.begin();

  const ada = new Person("ada@example.com");
  await ada.authorize(url);
  ada.back();
  expect((await ada.decide("approve")).leavesFor).toBeUndefined();
  expect(ada.page.status).toBe(400);

  await ada.visit(url);
  await ada.submit("consent", { handle: "rubbish", decision: "approve" });
  expect(ada.page).toMatchObject({ status: 400, leavesFor: undefined });

  const consentOfAda = await ada.visit(url);
  const handle = consentOfAda.root.querySelector("[name=handle]")?.getAttribute("value") ?? "";
  const mallory = new Person("mallory@example.com");
  await mallory.visit(url);
  await mallory.signIn();
  await mallory.submit("consent", { handle, decision: "approve" });
  expect(mallory.page).toMatchObject({ status: 400, leavesFor: undefined });

  // Somebody else signs in at another tab of Ada's browser; the page before them is still Ada's.
  await ada.submit("switch");
  await ada.submit("sign-in", { email: "guest@example.com", password: "x" });
  ada.back();
  ada.back();
  await ada.decide("approve");
  expect(ada.page).toMatchObject({ status: 409, leavesFor: undefined });
  expect(ada.page.text).toContain("Somebody else is signed in");
});

test("a form that another site sent is refused", async ({ server }) => {
  const person = new Person("visitor@example.com");
  const app = await OAuthApp.register(server.origin);
  const { url } = app.begin();
  await person.visit(url);
  for (const headers of foreignForms) {
    await person.submit("sign-in", { email: "mallory@example.com", password: "x" }, headers);
    expect(person.page.status, JSON.stringify(headers)).toBe(403);
    person.back();
  }
  expect(await person.browser.listCookieValues(url)).toEqual([]);

  await person.signIn();
  for (const headers of foreignForms) {
    await person.submit("consent", { decision: "approve" }, headers);
    expect(person.page, JSON.stringify(headers)).toMatchObject({
      status: 403,
      leavesFor: undefined,
    });
    person.back();
  }
  // The refused forms used nothing up.
  expect((await person.decide("approve")).leavesFor?.searchParams.get("code")).toBeTruthy();
});

test("a client or a redirect nobody registered gets a page and no redirect", async ({ server }) => {
  const person = new Person("visitor@example.com");
  const app = await OAuthApp.register(server.origin);
  const wrong: Record<string, string>[] = [
    { client_id: "nobody" },
    { redirect_uri: "https://evil.example/callback" },
    { redirect_uri: `${app.redirectUri}/more` },
    { redirect_uri: app.redirectUri.replace("localhost", "localhost.evil.example") },
  ];
  for (const parameters of wrong) {
    const { url } = app.begin();
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    const page = await person.visit(url);
    expect(page, JSON.stringify(parameters)).toMatchObject({ status: 400, leavesFor: undefined });
    expect(page.headers.get("content-type")).toContain("text/html");
    expect(page.root.querySelector("h1")?.text).toBeTruthy();
    expect(page.root.querySelector("form")).toBeNull();
  }
});
