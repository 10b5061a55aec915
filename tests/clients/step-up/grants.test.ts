import { expect } from "vitest";
import { postMessage, toToolCall } from "../../support/mcp-by-hand.ts";
import { OAuthApp } from "../../support/oauth-app.ts";
import { Person } from "../../support/person.ts";
import { test } from "../../support/test.ts";

const everything = "demo:use demo:profile demo:write";

test("a person who says no to more keeps what was allowed before", async ({ server }) => {
  const app = await OAuthApp.register(server.origin);
  const person = new Person("ada@example.com");
  const { accessToken } = await app.logIn(person);
  const asked = app.begin({ scope: everything });
  const denied = await person.authorize(asked.url, { decision: "deny" });
  expect(denied.searchParams.get("error")).toBe("access_denied");

  const call = (name: string, args: object) =>
    postMessage(`${server.origin}/mcp`, accessToken, toToolCall(name, args));
  expect((await call("sum", { a: 1, b: 2 })).status).toBe(200);
  expect((await call("put", { name: "a", value: 1 })).status).toBe(403);
});

test("what a step-up added lasts over refreshes, and nothing is added without asking", async ({
  server,
}) => {
  const app = await OAuthApp.register(server.origin);
  const person = new Person("ada@example.com");
  const before = await app.logIn(person);
  expect((await app.refresh(before.refreshToken)).body.scope).toBe("demo:use demo:profile");
  const after = await app.logIn(person, { scope: everything });
  const { body } = await app.refresh(after.refreshToken);
  expect(body.scope).toBe(everything);
  const mcp = `${server.origin}/mcp`;
  for (const [name, args] of [
    ["sum", { a: 1, b: 2 }],
    ["put", { name: "a", value: 1 }],
  ] as const) {
    const answer = await postMessage(mcp, body.access_token ?? "", toToolCall(name, args));
    expect(answer.status, name).toBe(200);
    await answer.body?.cancel();
  }
});

test("the consent page of a step-up shows each scope in words, the new one too", async ({
  server,
}) => {
  const app = await OAuthApp.register(server.origin);
  const person = new Person("ada@example.com");
  await app.logIn(person);
  await person.visit(app.begin({ scope: everything }).url);
  // Signed in already: it is the consent page at once.
  expect(person.sees("consent")).toBe(true);
  for (const words of [
    "Use the small tools",
    "See who you are",
    "Keep things for you, and delete them",
  ]) {
    expect(person.page.text).toContain(words);
  }
  expect(person.page.text).not.toContain("demo:read");
});
