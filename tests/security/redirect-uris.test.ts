import { test as base, expect } from "vitest";
import { OAuthApp } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";
import { startStackServer } from "../support/stack-server.ts";

/** A server that lets one address try more in a minute than a person would. */
const test = base.extend(
  "server",
  { scope: "file" },
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what is needed.
  async ({}, { onCleanup }) => {
    const server = await startStackServer({
      settings: { authorizationsPerMinute: "100000", registrationsPerMinute: "100000" },
    });
    onCleanup(() => server[Symbol.asyncDispose]());
    return server;
  },
);

const webRedirect = "https://app.example.com/callback";

/** What is close to it, and is not it. */
const closeBy: readonly string[] = [
  "https://app.example.com/callback/",
  "https://app.example.com/callback/more",
  "https://app.example.com/callbackmore",
  "https://app.example.com/Callback",
  "https://APP.example.com/callback",
  "HTTPS://app.example.com/callback",
  "http://app.example.com/callback",
  "https://app.example.com:443/callback",
  "https://app.example.com:8443/callback",
  "https://evil.app.example.com/callback",
  "https://example.com/callback",
  "https://app.example.com.evil.example/callback",
  "https://app.example.com./callback",
  "https://evil@app.example.com/callback",
  "https://app.example.com@evil.example/callback",
  "https://app.example.com\\@evil.example/callback",
  "https://app.example.com/callback#",
  "https://app.example.com/callback#part",
  "https://app.example.com/callback?",
  "https://app.example.com/callback?more=1",
  "https://app.example.com/%63allback",
  "https://app.example.com/callback%2F",
  "https://app.example.com/..%2Fcallback",
  "https://app.example.com/a/../callback",
  "https://app.example.com//callback",
  "https://app.example.com/callback ",
  "https://app.example.com/callback\n",
  // The first letter is Cyrillic.
  "https://аpp.example.com/callback",
  "https://evil.example/",
  "javascript:alert(1)",
  "/callback",
  "",
];

/** What no client may register. */
const unregistrable: readonly string[] = [
  "javascript:alert(1)",
  "JavaScript:alert(1)",
  " javascript:alert(1)",
  "java\nscript:alert(1)",
  "data:text/html,<script>alert(1)</script>",
  "vbscript:x",
  "file:///etc/passwd",
  "blob:https://app.example.com/x",
  "https://app.example.com/callback#part",
  "https://user:password@app.example.com/callback",
  "https://app.example.com\r\nset-cookie: a=b",
  "//app.example.com/callback",
  "callback",
  "",
];

/** What a client may name beside a good one, as Cursor does, and gets no code at. */
const useless: readonly string[] = [
  "http://app.example.com/callback",
  "http://localhost.evil.example/callback",
  "http://127.0.0.1.evil.example/callback",
  "cursor://anysphere.cursor-mcp/oauth/callback",
  "about:blank",
];

async function tryToRegister(origin: string, redirectUris: unknown): Promise<Response> {
  return fetch(`${origin}/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ redirect_uris: redirectUris, token_endpoint_auth_method: "none" }),
  });
}

test("a redirect URI is the registered one, character by character, or no redirect at all", async ({
  server,
}) => {
  const app = await OAuthApp.register(server.origin, "On the web", webRedirect);
  const person = new Person("ada@example.com");
  for (const redirectUri of closeBy) {
    const { url } = app.begin();
    url.searchParams.set("redirect_uri", redirectUri);
    const page = await person.visit(url);
    expect(page, redirectUri).toMatchObject({ status: 400, leavesFor: undefined });
    expect(page.headers.get("content-type"), redirectUri).toContain("text/html");
    expect(person.sees("sign-in"), redirectUri).toBe(false);
  }
  await person.visit(app.begin().url);
  expect(person.sees("sign-in")).toBe(true);
});

test("on a person's own computer the port may be another one, and nothing else may", async ({
  server,
}) => {
  const app = await OAuthApp.register(server.origin, "Local", "http://localhost:8091/callback");
  const person = new Person("ada@example.com");
  const visit = (redirectUri: string) => {
    const { url } = app.begin();
    url.searchParams.set("redirect_uri", redirectUri);
    return person.visit(url);
  };
  for (const port of ["", ":80", ":1", ":52346"]) {
    expect((await visit(`http://localhost${port}/callback`)).status, port).toBe(200);
  }
  for (const redirectUri of [
    "http://127.0.0.1:8091/callback",
    "http://[::1]:8091/callback",
    "http://localhost.evil.example:8091/callback",
    "http://sub.localhost:8091/callback",
    "http://localhost.:8091/callback",
    "http://localhost:8091@evil.example/callback",
    "http://localhost:8091\\@evil.example/callback",
    "http://evil@localhost:8091/callback",
    "https://localhost:8091/callback",
    "http://localhost:8091/callback/more",
    "http://localhost:8091/Callback",
    "http://localhost:8091/%63allback",
    "http://localhost:8091/callback?more=1",
    "http://localhost:8091/callback#part",
    "http://localhost:80910/callback",
    "http://LOCALHOST:8091/callback",
    "HTTP://localhost:8091/callback",
    "http:\\\\localhost:8091/callback",
    "http://localhost:8091/x/../callback",
    "http://localhost:8091/./callback",
    "http://local\thost:8091/callback",
    "http://localhost:8091/call\nback",
    " http://localhost:8091/callback",
    "http://localhost:08091/callback",
  ]) {
    const page = await visit(redirectUri);
    expect(page, redirectUri).toMatchObject({ status: 400, leavesFor: undefined });
  }
  // The code goes to the port that was asked for.
  const { url } = app.begin();
  url.searchParams.set("redirect_uri", "http://localhost:52346/callback");
  const redirect = await person.authorize(url);
  expect(redirect.href).toMatch(/^http:\/\/localhost:52346\/callback\?code=/);
});

test("a redirect URI that runs code, travels in clear or hides its host cannot be registered", async ({
  server,
}) => {
  for (const redirectUri of unregistrable) {
    // Neither alone nor behind a good one.
    for (const redirectUris of [[redirectUri], [webRedirect, redirectUri]]) {
      const response = await tryToRegister(server.origin, redirectUris);
      expect(response.status, redirectUri).toBe(400);
      expect(await response.json(), redirectUri).toMatchObject({
        error: expect.stringMatching(/^invalid_(client_metadata|redirect_uri)$/),
      });
    }
  }
  for (const redirectUri of useless) {
    const alone = await tryToRegister(server.origin, [redirectUri]);
    expect(alone.status, redirectUri).toBe(400);
    await alone.body?.cancel();
  }
  const listed = await tryToRegister(server.origin, [webRedirect, ...useless]);
  expect(listed.status).toBe(201);
  const { client_id: clientId } = (await listed.json()) as { client_id: string };
  const person = new Person("ada@example.com");
  const { url } = (await OAuthApp.register(server.origin)).begin();
  url.searchParams.set("client_id", clientId);
  for (const redirectUri of useless) {
    url.searchParams.set("redirect_uri", redirectUri);
    const page = await person.visit(url);
    expect(page, redirectUri).toMatchObject({ status: 400, leavesFor: undefined });
    expect(person.sees("sign-in"), redirectUri).toBe(false);
  }
  for (const rubbish of [webRedirect, [], [1], [[webRedirect]], [null], { 0: webRedirect }, null]) {
    const response = await tryToRegister(server.origin, rubbish);
    expect(response.status, JSON.stringify(rubbish)).toBe(400);
    await response.body?.cancel();
  }
});

test("an error goes to the client only after client and redirect URI were found valid", async ({
  server,
}) => {
  const app = await OAuthApp.register(server.origin, "On the web", webRedirect);
  const person = new Person("ada@example.com");
  const mistakes: Record<string, string> = {
    response_type: "token",
    code_challenge_method: "plain",
    code_challenge: "",
    response_mode: "form_post",
    resource: "https://evil.example/mcp",
  };
  for (const [name, value] of Object.entries(mistakes)) {
    const { url, state } = app.begin();
    url.searchParams.set(name, value);
    const told = await person.visit(url);
    expect(told.leavesFor?.href.split("?")[0], name).toBe(webRedirect);
    expect(Object.fromEntries(told.leavesFor?.searchParams ?? []), name).toMatchObject({
      error: expect.stringMatching(/^(invalid_|unsupported_)/),
      state,
      iss: server.origin,
    });
    expect(told.leavesFor?.searchParams.has("code"), name).toBe(false);

    // The same mistake with a client or a redirect URI that is wrong as well.
    for (const wrong of [
      { client_id: "nobody" },
      { client_id: "" },
      { client_id: "__proto__" },
      { redirect_uri: "https://evil.example/callback" },
      { redirect_uri: "http://localhost:8091/callback" },
    ]) {
      const again = new URL(url);
      for (const [field, text] of Object.entries(wrong)) again.searchParams.set(field, text);
      const page = await person.visit(again);
      const what = `${name} and ${JSON.stringify(wrong)}`;
      expect(page, what).toMatchObject({ status: 400, leavesFor: undefined });
      expect(page.headers.get("content-type"), what).toContain("text/html");
      expect(page.root.querySelector("h1")?.text, what).toBeTruthy();
      expect(page.root.querySelector("form"), what).toBeNull();
    }
  }
});

test("what a client sends as state comes back as it was and never becomes a header", async ({
  server,
}) => {
  const app = await OAuthApp.register(server.origin, "On the web", webRedirect);
  const person = new Person("ada@example.com");
  for (const state of [
    "a\r\nset-cookie: stolen=1\r\n\r\n<script>alert(1)</script>",
    "a\0b\u2028c",
    "&code=stolen&iss=https://evil.example",
    "#code=stolen",
    "%0d%0aset-cookie:%20stolen=1",
    "x".repeat(8000),
  ]) {
    const { url } = app.begin();
    url.searchParams.set("state", state);
    const redirect = await person.authorize(url);
    expect(redirect.searchParams.getAll("state")).toEqual([state]);
    expect(redirect.searchParams.getAll("iss")).toEqual([server.origin]);
    expect(redirect.searchParams.getAll("code")).toHaveLength(1);
    expect(redirect.hash).toBe("");
    expect(redirect.host).toBe("app.example.com");
    expect(person.page.headers.get("set-cookie") ?? "").not.toContain("stolen");
  }
});

test("a request with a parameter twice, or with an id that nobody can have, is a page and no redirect", async ({
  server,
}) => {
  const app = await OAuthApp.register(server.origin, "On the web", webRedirect);
  const person = new Person("ada@example.com");
  const { url } = app.begin();
  for (const name of url.searchParams.keys()) {
    // Which has an error of its own, `invalid_target`.
    if (name === "resource") continue;
    for (const value of ["https://evil.example/", url.searchParams.get(name) ?? ""]) {
      const twice = new URL(url);
      twice.searchParams.append(name, value);
      const page = await person.visit(twice);
      expect(page, name).toMatchObject({ status: 400, leavesFor: undefined });
      expect(page.root.querySelector("h1")?.text, name).toBe(
        "The app's request says something twice",
      );
      expect(page.text, name).toContain(`holds "${name}" more than once`);
      expect(person.sees("sign-in"), name).toBe(false);
    }
  }
  for (const id of ["x".repeat(3000), "é".repeat(300), "../grant:x", "__proto__", " "]) {
    const unknown = new URL(url);
    unknown.searchParams.set("client_id", id);
    const page = await person.visit(unknown);
    expect(page, id).toMatchObject({ status: 400, leavesFor: undefined });
    expect(page.root.querySelector("h1")?.text, id).toContain("not registered here");
  }
  const steering = new URL(url);
  steering.searchParams.set("client_id", "a\0b");
  const page = await person.visit(steering);
  expect(page).toMatchObject({ status: 400, leavesFor: undefined });
  expect(page.text).toContain('The parameter "client_id" holds a control character.');
});
