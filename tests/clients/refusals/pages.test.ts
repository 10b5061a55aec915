import { expect } from "vitest";
import { OAuthApp } from "../../support/oauth-app.ts";
import { Person } from "../../support/person.ts";
import { test } from "../../support/test.ts";

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
