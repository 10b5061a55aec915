import { expect } from "vitest";
import { readForm } from "../../scripts/mcp/doctor/signed-in/sign-in/html-browser.ts";
import { passTime, readStore, withBackstage } from "../support/backstage.ts";
import { OAuthApp } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";
import { sample } from "../support/sample.ts";
import { startStackServer } from "../support/stack-server.ts";
import { test } from "../support/test.ts";

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

/** The handle of the consent page in front of a person. */
function readHandle({ page }: Person): string {
  return page.root.querySelector("[name=handle]")?.getAttribute("value") ?? "";
}

test("an answer without the page's cookie, from another browser, twice or after ten minutes grants nothing", async () => {
  await using server = await startStackServer({ change: withBackstage });
  const { origin } = server;
  const app = await OAuthApp.register(origin);
  const { url } = app.begin();
  const listGrants = async () =>
    Object.keys(await readStore(origin)).filter((key) => /^(grant|token):/.test(key));
  const ada = new Person("ada@example.com");
  await ada.visit(url);
  await ada.signIn();
  const handle = readHandle(ada);
  expect(handle).not.toBe("");

  // Mallory has the handle, but neither Ada's cookies nor her sign-in.
  const mallory = new Person("mallory@example.com");
  await mallory.visit(url);
  await mallory.signIn();
  await mallory.submit("consent", { handle, decision: "approve" });
  expect(mallory.page).toMatchObject({ status: 400, leavesFor: undefined });
  await ada.submit("consent", { handle: "rubbish", decision: "approve" });
  expect(ada.page).toMatchObject({ status: 400, leavesFor: undefined });
  const bare = await fetch(url, {
    method: "POST",
    redirect: "manual",
    headers: { origin, "sec-fetch-site": "same-origin" },
    body: new URLSearchParams({ step: "consent", handle, decision: "approve", scope: "demo:use" }),
  });
  expect(bare.headers.get("location") ?? "").not.toContain("code=");
  await bare.body?.cancel();

  await ada.visit(url);
  await passTime(origin, 601);
  await ada.decide("approve");
  expect(ada.page).toMatchObject({ status: 400, leavesFor: undefined });
  expect(await listGrants()).toEqual([]);

  await ada.authorize(url);
  const grants = await listGrants();
  expect(grants).toHaveLength(1);
  ada.back();
  await ada.decide("approve");
  expect(ada.page).toMatchObject({ status: 400, leavesFor: undefined });
  ada.back();
  await ada.decide("deny");
  expect(ada.page).toMatchObject({ status: 400, leavesFor: undefined });
  expect(await listGrants()).toEqual(grants);
});

test("of two answers to one page at once, one counts", async () => {
  await using server = await startStackServer({
    settings: { authorizationsPerMinute: "1000" },
    change: withBackstage,
  });
  const { origin } = server;
  const app = await OAuthApp.register(origin);
  const ada = new Person("ada@example.com");
  await ada.visit(app.begin().url);
  await ada.signIn();
  const grants = async () =>
    Object.keys(await readStore(origin)).filter((key) => key.startsWith("grant:"));
  const rounds = sample(20, 50);
  for (let round = 1; round <= rounds; round++) {
    await ada.visit(app.begin().url);
    // Two tabs of one browser, each with the same page.
    const form = ada.page.root.querySelector("form:has([name=handle])");
    if (form === null) throw new Error(`No consent page: ${ada.page.text}`);
    const second = round % 2 === 0 ? "deny" : "approve";
    const answer = (decision: string) =>
      ada.browser.post(ada.page, form, [
        ...readForm(form).filter(([name]) => name !== "decision"),
        ["decision", decision],
      ]);
    const pages = await Promise.all([answer("approve"), answer(second)]);
    const answered = pages.filter(({ leavesFor }) => leavesFor !== undefined);
    expect(answered, `round ${round}`).toHaveLength(1);
    expect(pages.filter(({ status }) => status === 400)).toHaveLength(1);
  }
  expect((await grants()).length).toBeLessThanOrEqual(rounds);
});

test("an answer counts for the person it was asked of, whoever signed in since", async ({
  server,
}) => {
  const app = await OAuthApp.register(server.origin);
  const { url } = app.begin();
  const ada = new Person("ada@example.com");
  await ada.visit(url);
  await ada.signIn();
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

test("no address approves, however it is opened", async ({ server }) => {
  const app = await OAuthApp.register(server.origin);
  const person = new Person("ada@example.com");
  const { url } = app.begin();
  await person.visit(url);
  await person.signIn();
  const handle = readHandle(person);
  for (const [name, value] of Object.entries({ step: "consent", handle, decision: "approve" })) {
    url.searchParams.set(name, value);
  }
  await person.visit(url);
  expect(person.page.leavesFor).toBeUndefined();
  expect(person.sees("consent")).toBe(true);
  const cookie = await person.browser.readCookies(url);
  for (const method of ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
    const headers = {
      cookie,
      origin: server.origin,
      "sec-fetch-site": "same-origin",
      "x-http-method-override": "POST",
      "x-http-method": "POST",
    };
    const response = await fetch(url, { method, redirect: "manual", headers });
    expect(response.headers.get("location"), method).toBeNull();
    await response.body?.cancel();
  }
  // Nothing was used up.
  person.back();
  expect((await person.decide("approve")).leavesFor?.searchParams.get("code")).toBeTruthy();
});

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

test("sign-in, consent and error pages cannot be framed, are not kept and tell no other site where they were", async ({
  server,
}) => {
  const app = await OAuthApp.register(server.origin);
  const person = new Person("ada@example.com");
  const { url } = app.begin();
  const pages = {
    "sign-in": await person.visit(url),
    "sign-in with a problem": await person.submit("sign-in", { email: "", password: "" }),
    consent: await person.visit(url).then(() => person.signIn()),
    "foreign form": await person.submit("consent", { decision: "approve" }, {}),
    "used up": await person.visit(url).then(async () => {
      await person.decide("deny");
      person.back();
      return person.decide("deny");
    }),
    "unknown client": await person.visit(`${server.origin}/authorize?client_id=nobody`),
    "no parameter": await person.visit(`${server.origin}/authorize`),
  };
  for (const [name, { headers }] of Object.entries(pages)) {
    expect(headers.get("content-type"), name).toContain("text/html");
    expect(headers.get("content-security-policy"), name).toContain("frame-ancestors 'none'");
    expect(headers.get("content-security-policy"), name).toContain("default-src 'none'");
    // Chromium would apply it to the redirect to the client.
    expect(headers.get("content-security-policy"), name).not.toContain("form-action");
    expect(headers.get("x-frame-options"), name).toBe("DENY");
    expect(headers.get("x-content-type-options"), name).toBe("nosniff");
    expect(headers.get("cache-control"), name).toBe("no-store");
    expect(headers.get("referrer-policy"), name).toMatch(/^(no-referrer|same-origin)$/);
  }
  await person.visit(url);
  const { headers } = await person.decide("approve");
  expect(headers.get("referrer-policy")).toBe("no-referrer");
  expect(headers.get("cache-control")).toBe("no-store");
});

test("cookies hold no sign-in that the server did not sign, and another name's are not read", async ({
  server,
}) => {
  const app = await OAuthApp.register(server.origin);
  const person = new Person("ada@example.com");
  const { url } = app.begin();
  await person.visit(url);
  await person.signIn();
  const cookies = await person.browser.readCookies(url);
  const [, session = ""] = /__Host-session=([^;]+)/.exec(cookies) ?? [];
  expect(session).not.toBe("");
  const forged = session.replace("ada%40example.com", "root%40example.com");
  expect(forged).not.toBe(session);
  const unsigned = session.split(".")[0];
  for (const cookie of [
    `__Host-session=${forged}`,
    `__Host-session=${unsigned}`,
    `__Host-session=${unsigned}.`,
    `__Host-session=${unsigned}.${"A".repeat(43)}%3D`,
    `session=${session}`,
    `__host-session=${session}`,
    `__Host-session=; __Host-session=${forged}`,
    "__Host-session=%ff%00; __Host-session",
  ]) {
    const response = await fetch(url, { headers: { cookie } });
    expect(response.status, cookie).toBe(200);
    expect(await response.text(), cookie).toContain('value="sign-in"');
  }
});
