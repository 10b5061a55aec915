import { expect } from "vitest";
import { postMessage } from "../support/mcp-by-hand.ts";
import { type Authorization, OAuthApp } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";
import { test } from "../support/test.ts";

/** A client, and the URL of an authorization with some parameters replaced; null removes one. */
async function ask(origin: string, change: Readonly<Record<string, string | string[] | null>>) {
  const app = await OAuthApp.register(origin);
  const authorization = app.begin();
  const { searchParams } = authorization.url;
  for (const [name, value] of Object.entries(change)) {
    searchParams.delete(name);
    for (const one of [value ?? []].flat()) searchParams.append(name, one);
  }
  return { app, authorization, page: await new Person("any@example.com").visit(authorization.url) };
}

test.for<[string, Record<string, string | string[] | null>, string]>([
  ["no response type", { response_type: null }, "invalid_request"],
  ["the implicit grant", { response_type: "token" }, "unsupported_response_type"],
  ["no PKCE", { code_challenge: null, code_challenge_method: null }, "invalid_request"],
  ["plain PKCE", { code_challenge_method: "plain" }, "invalid_request"],
  ["a resource of another server", { resource: "https://other.example/mcp" }, "invalid_target"],
  ["two resources", { resource: ["https://a.example", "https://b.example"] }, "invalid_target"],
])(
  "%s goes back to the client, with its state and who says so",
  async ([_name, change, error], { server }) => {
    const { app, authorization, page } = await ask(server.origin, change);
    expect(page.leavesFor?.href.split("?")[0]).toBe(app.redirectUri);
    expect(Object.fromEntries(page.leavesFor?.searchParams ?? [])).toEqual({
      error,
      error_description: expect.any(String),
      state: authorization.state,
      iss: server.origin,
    });
  },
);

test.for<[string, Record<string, string | null>, RegExp]>([
  ["no client", { client_id: null }, /Start in the app/],
  ["no client id", { client_id: "" }, /Start in the app/],
  ["no redirect URI", { redirect_uri: null }, /that it did not register/],
  [
    "a redirect URI of nobody",
    { redirect_uri: "https://evil.example/" },
    /that it did not register/,
  ],
  [
    "a redirect URI that is none",
    { redirect_uri: "javascript:alert(1)" },
    /that it did not register/,
  ],
  ["an unknown client", { client_id: "gone" }, /Make the app forget it/],
  [
    "an unknown client with its own redirect",
    { client_id: "gone", redirect_uri: "https://evil.example/" },
    /Make the app forget it/,
  ],
])(
  "%s gets a page with the next step, and no redirect",
  async ([_name, change, words], { server }) => {
    const { page } = await ask(server.origin, change);
    expect(page).toMatchObject({ status: 400, leavesFor: undefined });
    expect(page.text).toMatch(words);
    expect(page.root.toString()).not.toContain("evil.example");
  },
);

test("the page for an unknown client says how each app forgets its registration", async ({
  server,
}) => {
  const { page } = await ask(server.origin, { client_id: "gone" });
  const steps = page.root
    .querySelectorAll(".steps > div")
    .map((step) => [step.querySelector("dt")?.text, step.querySelector("dd")?.text]);
  expect(steps).toEqual([
    ["Claude, on the web or the desktop", expect.stringContaining("Connectors")],
    [expect.stringContaining("mcp-remote"), expect.stringContaining("~/.mcp-auth")],
    ["Claude Code", expect.stringContaining("claude mcp remove example")],
    ["Cursor", expect.stringContaining("Settings, MCP")],
    ["VS Code", expect.stringContaining("Remove Dynamic Authentication Providers")],
  ]);
});

test("scopes that this server does not have are left out, not refused", async ({ server }) => {
  const app = await OAuthApp.register(server.origin);
  const scopesOf = async (scope: string) => {
    const authorization: Authorization = app.begin({ scope });
    const redirect = await new Person("ada@example.com").authorize(authorization.url);
    const code = redirect.searchParams.get("code") ?? "";
    return (await app.redeem(code, authorization)).body.scope;
  };
  expect(await scopesOf("openid email offline_access demo:use admin")).toBe("demo:use");
  expect(await scopesOf("openid email profile")).toBe("demo:use demo:profile");
});

test("a 401 says invalid_token where a token was sent, and no error where none was", async ({
  server,
}) => {
  for (const path of ["/mcp", "/sse"]) {
    const url = `${server.origin}${path}`;
    for (const token of ["rubbish", "a:b:c"]) {
      const refused = await postMessage(url, token);
      expect(refused.status).toBe(401);
      expect(refused.headers.get("www-authenticate")).toContain('error="invalid_token"');
    }
    const asked = await fetch(url, { method: "POST" });
    expect(asked.status).toBe(401);
    expect(asked.headers.get("www-authenticate")).toMatch(/^Bearer (?!.*error=)/);
  }
});
