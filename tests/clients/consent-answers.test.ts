import { expect } from "vitest";
import { OAuthApp, readCode } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";
import { test } from "../support/test.ts";

const scope = "demo:use demo:profile demo:write";

/** A person who is signed in, at the consent page of a client of their own. */
async function reachConsent(origin: string, email: string) {
  const app = await OAuthApp.register(origin);
  const authorization = app.begin({ scope });
  const person = new Person(email);
  await person.visit(authorization.url);
  await person.signIn();
  return { app, authorization, person };
}

test("what a person unticks, the token lacks", async ({ server }) => {
  const { app, authorization, person } = await reachConsent(server.origin, "some@example.com");
  person.setTick("scope", "demo:write", false);
  const { leavesFor } = await person.decide("approve");
  const { body } = await app.redeem(readCode(leavesFor as URL), authorization);
  expect(body.scope).toBe("demo:use demo:profile");
});

test("approving nothing is told in words, and the same page can be answered once more", async ({
  server,
}) => {
  const { app, authorization, person } = await reachConsent(server.origin, "none@example.com");
  for (const name of scope.split(" ")) person.setTick("scope", name, false);
  const page = await person.decide("approve");
  expect(page).toMatchObject({ status: 400, leavesFor: undefined });
  expect(page.text).toContain("Nothing was ticked");
  expect(page.headers.get("cache-control")).toBe("no-store");

  person.setTick("scope", "demo:use", true);
  const { leavesFor } = await person.decide("approve");
  const { body } = await app.redeem(readCode(leavesFor as URL), authorization);
  expect(body.scope).toBe("demo:use");
});

test("a form cannot approve more than the client asked for", async ({ server }) => {
  const app = await OAuthApp.register(server.origin);
  const authorization = app.begin({ scope: "demo:use" });
  const person = new Person("more@example.com");
  await person.visit(authorization.url);
  await person.signIn();
  const page = await person.submit("consent", { scope: "demo:write", decision: "approve" });
  expect(page).toMatchObject({ status: 400, leavesFor: undefined });
  expect(page.text).toContain("Nothing was ticked");
});

test("the page shows who asks, where the person goes, for what, and who is signed in", async ({
  server,
}) => {
  const redirectUri = "https://chat.example/callback";
  const app = await OAuthApp.register(server.origin, "Chat of Example", redirectUri);
  const person = new Person("ada@example.com");
  await person.visit(app.begin({ path: "/sse" }).url);
  await person.signIn();
  const facts = person.page.root
    .querySelectorAll(".facts > div")
    .map((fact) => fact.structuredText);
  expect(facts).toEqual([
    "App\nUnverified It chose its name itself.",
    "Returns to\nchat.example",
    `To use\n${server.origin}/sse`,
    expect.stringMatching(/^Signed in as\nada@example.com\s+Use another account/),
  ]);
  expect(person.page.text).not.toContain("your own computer");
  expect(person.page.root.querySelector("h1")?.text).toBe("Allow Chat of Example to use Example?");

  const local = await OAuthApp.register(server.origin);
  await person.visit(local.begin().url);
  expect(person.page.text).toContain("your own computer");
});

test("nothing that a client says of itself is markup, moves the text or hides the host", async ({
  server,
}) => {
  const names = [
    '<script>alert(1)</script><img src="https://evil.example/a.png">',
    '"><form action="https://evil.example"><button>Approve</button></form>',
    "\u202Emoc.live\u202C verified by claude.ai\u200B",
    `${"W".repeat(5000)}`,
    "\u0E49".repeat(50),
    "Сlaude",
  ];
  for (const name of names) {
    const app = await OAuthApp.register(server.origin, name, "https://evil.example/callback");
    const person = new Person("ada@example.com");
    for (const page of [await person.visit(app.begin().url), await person.signIn()]) {
      const html = page.root.toString();
      expect(html).not.toMatch(/<script|<img(?! src="\/)|action="https:/);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be there.
      expect(html).not.toMatch(/[\u0000-\u0008\u200B-\u200F\u202A-\u202E\u2066-\u2069]/);
      expect(html.length).toBeLessThan(5000);
    }
    const { root } = person.page;
    expect(root.querySelector("h1 bdi")?.text.length).toBeLessThanOrEqual(61);
    expect(root.querySelectorAll(".facts strong").map(({ text }) => text)).toEqual([
      "evil.example",
    ]);
    expect(person.page.text.includes("several alphabets")).toBe(name === "Сlaude");
  }
});

test("no page is kept, framed, or told to the next site", async ({ server }) => {
  const { authorization, person } = await reachConsent(server.origin, "head@example.com");
  const { url } = authorization;
  const unknown = new URL(url);
  unknown.searchParams.set("client_id", "nobody");
  const pages = {
    consent: await person.visit(url),
    used: await person.submit("consent", { handle: "x", decision: "approve" }),
    unknown: await person.visit(unknown),
    connections: await person.visit(`${server.origin}/connections`),
    home: await person.visit(server.origin),
    "sign-in": await new Person("other@example.com").visit(url),
  };
  for (const [name, { headers }] of Object.entries(pages)) {
    expect(headers.get("cache-control"), name).toBe("no-store");
    expect(headers.get("x-frame-options"), name).toBe("DENY");
    expect(headers.get("referrer-policy"), name).toBe("same-origin");
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy, name).toContain("default-src 'none'");
    expect(policy, name).toContain("frame-ancestors 'none'");
    // Chromium would block the redirect to the client with it.
    expect(policy, name).not.toContain("form-action");
  }
});

test("a page that was answered says so, and leads to a new one that works", async ({ server }) => {
  const { app, authorization, person } = await reachConsent(server.origin, "twice@example.com");
  const first = await person.decide("approve");
  person.back();
  // A double click, or the button once more.
  const second = await person.decide("approve");
  expect(second).toMatchObject({ status: 400, leavesFor: undefined });
  expect(second.text).toContain("This answer allowed nothing");
  // The first answer still counts.
  const { status } = await app.redeem(readCode(first.leavesFor as URL), authorization);
  expect(status).toBe(200);

  const again = second.root.querySelector("a.button")?.getAttribute("href") ?? "";
  await person.visit(again.replaceAll("&amp;", "&"));
  const third = await person.decide("approve");
  expect((await app.redeem(readCode(third.leavesFor as URL), authorization)).status).toBe(200);
});

test("a denied page cannot be approved afterwards, nor denied twice", async ({ server }) => {
  const { person } = await reachConsent(server.origin, "deny@example.com");
  const denied = await person.decide("deny");
  expect(denied.leavesFor?.searchParams.get("error")).toBe("access_denied");
  for (const decision of ["approve", "deny"] as const) {
    person.back();
    expect(await person.decide(decision)).toMatchObject({ status: 400, leavesFor: undefined });
  }
});

test("pages in two tabs each take their own answer", async ({ server }) => {
  const { app, authorization, person } = await reachConsent(server.origin, "tabs@example.com");
  const other = await OAuthApp.register(server.origin, "Another");
  const begun = other.begin({ scope });
  await person.visit(begun.url);
  const inSecondTab = await person.decide("approve");
  expect((await other.redeem(readCode(inSecondTab.leavesFor as URL), begun)).status).toBe(200);
  person.back();
  person.back();
  const inFirstTab = await person.decide("approve");
  expect((await app.redeem(readCode(inFirstTab.leavesFor as URL), authorization)).status).toBe(200);
});

test("the page of one browser counts in no other, whoever is signed in there", async ({
  server,
}) => {
  const { authorization, person } = await reachConsent(server.origin, "two@example.com");
  const handle = person.page.root.querySelector("[name=handle]")?.getAttribute("value") ?? "";
  const elsewhere = new Person("two@example.com");
  await elsewhere.visit(authorization.url);
  await elsewhere.signIn();
  const page = await elsewhere.submit("consent", { handle, decision: "approve" });
  expect(page).toMatchObject({ status: 400, leavesFor: undefined });
  expect(page.text).toContain("in the browser that opened it");
  expect((await person.decide("approve")).leavesFor?.searchParams.has("code")).toBe(true);
});

test("somebody else in another tab is told, and sees the page for the account there", async ({
  server,
}) => {
  const { authorization, person } = await reachConsent(server.origin, "first@example.com");
  await person.visit(authorization.url);
  await person.submit("switch");
  await person.submit("sign-in", { email: "second@example.com", password: "x" });
  for (let pages = 0; pages < 2; pages++) person.back();
  const page = await person.decide("approve");
  expect(page).toMatchObject({ status: 409, leavesFor: undefined });
  const again = page.root.querySelector("a.button")?.getAttribute("href") ?? "";
  await person.visit(again.replaceAll("&amp;", "&"));
  expect(person.page.text).toContain("second@example.com");
});
