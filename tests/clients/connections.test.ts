import { expect } from "vitest";
import { startClosedServer } from "../support/closed-server.ts";
import { postMessage } from "../support/mcp-by-hand.ts";
import { OAuthApp } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";

import { test } from "../support/test.ts";

/** A connection as its owner reads it. */
function readConnections({ page }: Person) {
  return page.root.querySelectorAll(".connections > li").map((item) => ({
    name: item.querySelector("h2")?.text,
    badge: item.querySelector("h2 + p")?.text.trim(),
    words: item.querySelectorAll(".words li").map(({ text }) => text),
    facts: item.querySelector(".small")?.text.replace(/\s+/g, " "),
    id: item.querySelector("button")?.getAttribute("value") ?? "",
  }));
}

async function openConnections(origin: string, person: Person): Promise<void> {
  await person.visit(`${origin}/connections`);
  if (person.sees("sign-in")) await person.signIn();
}

test("a person signs in, sees what they connected, ends one, and it ends", async ({ server }) => {
  const { origin } = server;
  const ada = new Person("ada@connections.example");
  await openConnections(origin, ada);
  expect(ada.page.text).toContain("No app may use Example for you");
  expect(ada.page.text).toContain("Signed in as ada@connections.example");

  const web = await OAuthApp.register(origin, "Chat", "https://chat.example/callback");
  const kept = await web.logIn(ada, { scope: "demo:use" });
  const local = await OAuthApp.register(origin, "Local");
  const ended = await local.logIn(ada, { path: "/sse", scope: "demo:use demo:read" });

  await openConnections(origin, ada);
  const today = new Date().toISOString().slice(0, 10);
  const listed = readConnections(ada).toSorted((a, b) =>
    (b.name ?? "").localeCompare(a.name ?? ""),
  );
  expect(listed).toMatchObject([
    {
      name: "Local",
      badge: "Unverified",
      words: ["Use the small tools", "Read what is kept for you"],
      facts: expect.stringContaining(
        `Returns to its own computer (localhost). Uses ${origin}/sse.`,
      ),
    },
    {
      name: "Chat",
      words: ["Use the small tools"],
      facts: expect.stringContaining(`Returns to chat.example. Uses ${origin}/mcp.`),
    },
  ]);
  const days = ada.page.root.querySelectorAll("time").map((day) => day.getAttribute("datetime"));
  expect(days).toEqual([today, today, today, today]);
  expect(ada.page.text).toContain("may use what it has for about a minute more");

  await ada.submit("end", { grant: listed[0]?.id ?? "" });
  expect(ada.page.text).toContain("1 app is disconnected.");
  expect(readConnections(ada).map(({ name }) => name)).toEqual(["Chat"]);
  expect(await local.refresh(ended.refreshToken)).toMatchObject({
    status: 400,
    body: { error: "invalid_grant" },
  });
  expect((await postMessage(`${origin}/sse`, ended.accessToken)).status).toBe(401);
  expect((await postMessage(`${origin}/mcp`, kept.accessToken)).status).toBe(200);

  // Reloading the page posts nothing again; the old page's form finds nothing to end.
  ada.back();
  await ada.submit("end", { grant: listed[0]?.id ?? "" });
  expect(ada.page.text).toContain("was disconnected before");
  expect(readConnections(ada).map(({ name }) => name)).toEqual(["Chat"]);
});

test("a person ends all their connections, and nobody else's", async ({ server }) => {
  const { origin } = server;
  const [ada, bob] = [new Person("ada@all.example"), new Person("bob@all.example")];
  const apps = [await OAuthApp.register(origin, "One"), await OAuthApp.register(origin, "Two")];
  for (const app of apps) await app.logIn(ada);
  const ofBob = await (apps[0] as OAuthApp).logIn(bob);

  await openConnections(origin, ada);
  await ada.submit("end-all");
  expect(ada.page.text).toContain("2 apps are disconnected.");
  expect(readConnections(ada)).toEqual([]);
  expect((await postMessage(`${origin}/mcp`, ofBob.accessToken)).status).toBe(200);
  // Whoever ended an app's access and remembered nothing is asked again.
  await ada.visit((apps[0] as OAuthApp).begin().url);
  expect(ada.sees("consent")).toBe(true);
});

test("a form of another person, of another site or of nobody ends nothing", async ({ server }) => {
  const { origin } = server;
  const [ada, eve] = [new Person("ada@forms.example"), new Person("eve@forms.example")];
  const app = await OAuthApp.register(origin);
  const login = await app.logIn(ada);
  await app.logIn(eve);
  await openConnections(origin, ada);
  const [connection] = readConnections(ada);
  const grant = connection?.id ?? "";
  const personId = ada.page.root.querySelector("[name=person]")?.getAttribute("value") ?? "";
  const isThere = async () =>
    (await postMessage(`${origin}/mcp`, login.accessToken)).status === 200;

  // Eve's page with Ada's grant in it, and with Ada's id too.
  await openConnections(origin, eve);
  eve.page.root.querySelector(".connections button")?.setAttribute("value", grant);
  await eve.submit("end", { grant });
  expect(eve.page.text).toContain("was disconnected before");
  await openConnections(origin, eve);
  eve.page.root.querySelector(".connections button")?.setAttribute("value", grant);
  await eve.submit("end", { grant, person: personId });
  expect(eve.page.status).toBe(409);
  expect(eve.page.text).toContain("Somebody else is signed in now");
  expect(await isThere()).toBe(true);

  for (const headers of [
    { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { origin: "null" },
    {},
  ]) {
    await ada.submit("end", { grant }, headers);
    expect(ada.page.status, JSON.stringify(headers)).toBe(403);
    ada.back();
  }
  // GET never ends anything.
  await ada.visit(`${origin}/connections?step=end&grant=${grant}&person=${personId}`);
  expect(readConnections(ada)).toHaveLength(1);

  // In another tab Ada signed out; then Eve signed in.
  await ada.submit("switch");
  expect(ada.sees("sign-in")).toBe(true);
  ada.back();
  await ada.submit("end", { grant });
  expect(ada.sees("sign-in")).toBe(true);
  await ada.submit("sign-in", { email: eve.email, password: "x" });
  for (let pages = 0; pages < 2; pages++) ada.back();
  await ada.submit("end", { grant });
  expect(ada.page.status).toBe(409);
  expect(await isThere()).toBe(true);
});

test("the home page and the consent page lead to the connections", async ({ server }) => {
  const person = new Person("links@example.com");
  const app = await OAuthApp.register(server.origin);
  await person.visit(app.begin().url);
  await person.signIn();
  for (const page of [person.page, await person.visit(server.origin)]) {
    expect(page.root.querySelector('a[href="/connections"]')?.text).toBe("Your connections");
  }
});

test("a person whom the stack does not let in sees no connections, and can switch account", async () => {
  await using server = await startClosedServer();
  const person = new Person("stranger@example.com");
  await openConnections(server.origin, person);
  expect(person.page.status).toBe(403);
  expect(person.page.text).toContain("stranger@example.com");
  await person.submit("switch");
  expect(person.page.url.pathname).toBe("/connections");
  expect(person.sees("sign-in")).toBe(true);

  // At the client's request the page offers a way back, with access_denied.
  const app = await OAuthApp.register(server.origin);
  const { url, state } = app.begin();
  await person.visit(url);
  await person.signIn();
  expect(person.page.status).toBe(403);
  const back = person.page.root.querySelector(".foot a")?.getAttribute("href") ?? "";
  expect(Object.fromEntries(new URL(back.replaceAll("&amp;", "&")).searchParams)).toMatchObject({
    error: "access_denied",
    state,
    iss: server.origin,
  });
});
