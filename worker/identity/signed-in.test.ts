import { afterEach, expect, test, vi } from "vitest";
import { forgetSignIn, readSignIn, rememberSignIn } from "./signed-in.ts";

const ada = {
  method: "demo",
  issuer: "demo",
  subject: "ada@example.com",
  email: "ada@example.com",
};

afterEach(() => {
  vi.useRealTimers();
});

function withCookie(setCookie: string): Request {
  const [cookie = ""] = setCookie.split(";");
  return new Request("http://localhost/authorize", { headers: { cookie } });
}

test("a signed-in person is known again from the cookie", async () => {
  const setCookie = await rememberSignIn(ada, "demo", "key");
  expect(setCookie).toMatch(/^__Host-session=.*; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  expect(await readSignIn(withCookie(setCookie), "demo", "key")).toEqual(ada);
});

test("a cookie of another key, of another authority or of nobody signs nobody in", async () => {
  const request = withCookie(await rememberSignIn(ada, "demo", "key"));
  expect(await readSignIn(request, "demo", "other")).toBeUndefined();
  expect(await readSignIn(request, "https://idp.example", "key")).toBeUndefined();
  expect(await readSignIn(new Request("http://localhost/"), "demo", "key")).toBeUndefined();
  expect(await readSignIn(withCookie(forgetSignIn()), "demo", "key")).toBeUndefined();
});

test("after a rotation the older key still counts, and after the next one no longer", async () => {
  const request = withCookie(await rememberSignIn(ada, "demo", "first"));
  expect(await readSignIn(request, "demo", "second first")).toEqual(ada);
  expect(await readSignIn(request, "demo", "third second")).toBeUndefined();
  const anew = withCookie(await rememberSignIn(ada, "demo", "second first"));
  expect(await readSignIn(anew, "demo", "third second")).toEqual(ada);
});

test("a changed cookie signs nobody in", async () => {
  const setCookie = (await rememberSignIn(ada, "demo", "key")).replace("ada", "eve");
  expect(await readSignIn(withCookie(setCookie), "demo", "key")).toBeUndefined();
});

test("a cookie ends after an hour, however long the browser keeps it", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const request = withCookie(await rememberSignIn(ada, "demo", "key"));
  vi.setSystemTime(Date.now() + 3_599_000);
  expect(await readSignIn(request, "demo", "key")).toEqual(ada);
  vi.setSystemTime(Date.now() + 2_000);
  expect(await readSignIn(request, "demo", "key")).toBeUndefined();
});
