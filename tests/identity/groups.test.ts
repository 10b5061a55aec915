import { expect } from "vitest";
import { AccessProxy } from "../support/access-proxy.ts";
import { GitHubDouble, gitHubApp } from "../support/github-double.ts";
import { postMessage, toToolCall } from "../support/mcp-by-hand.ts";
import { OAuthApp } from "../support/oauth-app.ts";
import { changeJson, type ProviderAccount } from "../support/openid-provider.ts";
import { Person } from "../support/person.ts";
import { PersonElsewhere } from "../support/person-elsewhere.ts";
import { startStackServer } from "../support/stack-server.ts";
import { shareOpenIdStack, startOpenIdStack } from "./openid-stack.ts";

const scopesByGroup = JSON.stringify({ "*": ["demo:use"], "acme/platform": ["demo:write"] });
const all = "demo:use demo:profile demo:read demo:write";

function makeAccounts(): Record<string, ProviderAccount> {
  return {
    ada: { email: "ada@example.com", email_verified: true, groups: ["acme/platform", "other"] },
    eve: { email: "eve@example.com", email_verified: true, groups: [] },
  };
}

const accounts = makeAccounts();

/** One stack with groups for all, whose people sign in at an OpenID provider. Each test finds them in their groups. */
const test = shareOpenIdStack({ accounts }, { scopesByGroup }).extend("accounts", () =>
  Object.assign(accounts, makeAccounts()),
);

/** A stack of its own, which differs from that one. */
async function startStack(settings: Readonly<Record<string, string>> = {}, rotates = false) {
  const own = makeAccounts();
  const stack = await startOpenIdStack(
    { accounts: own, rotates },
    { settings: { scopesByGroup, ...settings } },
  );
  return { ...stack, accounts: own };
}

/** The scopes that a consent page offers. */
function listOffered(person: Person): string[] {
  return person.page.root
    .querySelectorAll('input[name="scope"]')
    .map((box) => box.getAttribute("value") ?? "");
}

test("an OpenID provider's groups decide what a person gets, and what the page offers who is signed in", async ({
  stack,
}) => {
  const app = await OAuthApp.register(stack.server.origin);
  for (const [login, granted] of [
    ["ada", "demo:use demo:read demo:write"],
    ["eve", "demo:use"],
  ] as const) {
    const person = stack.meet(login);
    const authorization = app.begin({ scope: all });
    await person.visit(authorization.url);
    // Who it is shows later: what nobody may have is not offered, and the page says that it depends.
    expect(listOffered(person)).toEqual(["demo:use", "demo:read", "demo:write"]);
    expect(person.page.text).toContain("those of these that your account may use");
    await person.decide("approve");
    expect(person.page.leavesFor?.searchParams.get("scope")).toBe(
      "openid email groups offline_access",
    );
    await person.goElsewhere();
    const code = person.page.leavesFor?.searchParams.get("code") ?? "";
    expect((await app.redeem(code, authorization)).body.scope).toBe(granted);
    await person.visit(app.begin({ scope: all }).url);
    expect(listOffered(person).join(" ")).toBe(granted);
  }
  expect(stack.lines.join("\n")).not.toMatch(/acme\/platform|example\.com/);
});

test("who may have none of what an app asks for is told so, and the app gets access_denied", async ({
  stack,
}) => {
  const app = await OAuthApp.register(stack.server.origin);
  const eve = stack.meet("eve");
  await expect(eve.authorize(app.begin({ scope: "demo:write" }).url)).rejects.toThrow(
    "does not let this account use what the app asks for",
  );
  expect(eve.page.status).toBe(403);
  const back = eve.page.root.querySelector("p.foot a")?.getAttribute("href") ?? "";
  const told = {
    error: "access_denied",
    error_description: "This person may not use what was asked for",
  };
  expect(Object.fromEntries(new URL(back).searchParams)).toMatchObject(told);
  // What nobody may have needs no sign-in to be refused.
  await eve.visit(app.begin({ scope: "demo:profile" }).url);
  expect(Object.fromEntries(eve.page.leavesFor?.searchParams ?? [])).toMatchObject(told);
  expect(stack.lines.join("\n")).toContain('"event":"scopes-refused","method":"oidc"');
});

test("a refresh asks the provider again: a group that is gone grants nothing, and one that is back does", async ({
  stack,
  accounts,
}) => {
  const { server, provider } = stack;
  const app = await OAuthApp.register(server.origin);
  const login = await app.logIn(stack.meet("ada"), { scope: all });
  const refresh = async (token = "") => (await app.refresh(token)).body;
  const first = await refresh(login.refreshToken);
  expect(first.scope).toBe("demo:use demo:read demo:write");
  accounts.ada = { ...accounts.ada, groups: ["other"] };
  const second = await refresh(first.refresh_token);
  expect(second.scope).toBe("demo:use");
  accounts.ada = { ...accounts.ada, groups: ["acme/platform"] };
  const third = await refresh(second.refresh_token);
  expect(third.scope).toBe("demo:use demo:read demo:write");
  // An ID token that names them is enough, and a provider that names none any more says that there are none.
  const asked = provider.asked.filter((path) => path === "/me").length;
  provider.tamper = changeJson("/token", (body) => ({
    ...body,
    id_token: provider.resign(String(body.id_token), { groups: "acme/platform" }),
  }));
  const fourth = await refresh(third.refresh_token);
  expect(fourth.scope).toBe("demo:use demo:read demo:write");
  expect(provider.asked.filter((path) => path === "/me")).toHaveLength(asked);
  provider.tamper = changeJson("/me", ({ groups: _, ...body }) => body);
  const fifth = await refresh(fourth.refresh_token);
  expect(fifth.scope).toBe("demo:use");
});

test("a provider that gives fresh tokens and then fails costs nobody the connection, and is asked again soon", async ({
  stack,
  accounts,
}) => {
  const { server, provider } = stack;
  const app = await OAuthApp.register(server.origin);
  const login = await app.logIn(stack.meet("ada"), { scope: all });
  accounts.ada = { ...accounts.ada, groups: ["other"] };
  provider.tamper = async (path, response) =>
    path === "/me" ? new Response("busy", { status: 503 }) : response;
  const during = await app.refresh(login.refreshToken);
  expect(during).toMatchObject({
    status: 200,
    body: { scope: "demo:use demo:read demo:write", expires_in: 60 },
  });
  provider.tamper = async (_path, response) => response;
  const after = await app.refresh(during.body.refresh_token ?? "");
  expect(after).toMatchObject({ status: 200, body: { scope: "demo:use" } });
});

test("asking for what the person may no longer have costs nobody the connection, whose token at the provider is used up", async () => {
  await using stack = await startStack({}, true);
  const { server, accounts } = stack;
  const app = await OAuthApp.register(server.origin);
  const login = await app.logIn(stack.meet("ada"), { scope: all });
  accounts.ada = { ...accounts.ada, groups: [] };
  const none = await app.refresh(login.refreshToken, { scope: "demo:write" });
  expect(none).toMatchObject({ status: 200, body: { scope: "" } });
  const call = toToolCall("sum", { a: 2, b: 3 });
  const answer = await postMessage(`${server.origin}/mcp`, none.body.access_token ?? "", call);
  expect(answer.status).toBe(403);
  accounts.ada = { ...accounts.ada, groups: ["acme/platform"] };
  const back = await app.refresh(none.body.refresh_token ?? "", { scope: "demo:write" });
  expect(back).toMatchObject({ status: 200, body: { scope: "demo:write" } });
});

test.for([
  ["the ID token", "/token"],
  ["userinfo", "/me"],
] as const)(
  "a refresh whose answer is about somebody else, by %s, ends the connection",
  async ([, path], { stack }) => {
    const { server, provider } = stack;
    const app = await OAuthApp.register(server.origin);
    const login = await app.logIn(stack.meet("ada"), { scope: all });
    const first = await app.refresh(login.refreshToken);
    expect(first.status).toBe(200);
    provider.tamper = async (asked, response) => {
      if (asked === "/me" && path === "/me") {
        return changeJson("/me", (body) => ({ ...body, sub: "eve" }))(asked, response);
      }
      return changeJson("/token", ({ id_token: token, ...body }) =>
        path === "/me"
          ? body
          : { ...body, id_token: provider.resign(String(token), { sub: "eve", groups: [] }) },
      )(asked, response);
    };
    const refused = await app.refresh(first.body.refresh_token ?? "");
    expect(refused).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
    provider.tamper = (_path, response) => response;
    expect((await app.refresh(first.body.refresh_token ?? "")).status).toBe(400);
    expect(stack.lines.join("\n")).toContain('"event":"upstream-refresh-failed"');
  },
);

test("a provider that cannot be asked again leaves the groups as they were at the sign-in", async ({
  stack,
  accounts,
}) => {
  const { server, provider } = stack;
  provider.tamper = changeJson("/token", ({ refresh_token: _, ...body }) => body);
  const app = await OAuthApp.register(server.origin);
  const login = await app.logIn(stack.meet("ada"), { scope: all });
  accounts.ada = { ...accounts.ada, groups: [] };
  const { body } = await app.refresh(login.refreshToken);
  expect(body.scope).toBe("demo:use demo:read demo:write");
});

test("a claim of another name counts, and with it no other", async () => {
  await using stack = await startStack({ oidcGroupsClaim: "https://example.com/roles" });
  stack.provider.tamper = changeJson("/me", (body) => ({
    ...body,
    "https://example.com/roles": body.sub === "eve" ? ["acme/platform"] : [],
  }));
  const app = await OAuthApp.register(stack.server.origin);
  for (const [login, granted] of [
    ["ada", "demo:use"],
    ["eve", "demo:use demo:read demo:write"],
  ] as const) {
    const { refreshToken } = await app.logIn(stack.meet(login), { scope: all });
    expect((await app.refresh(refreshToken)).body.scope).toBe(granted);
  }
});

test("organisations and teams at GitHub are asked for at the sign-in and at each refresh", async () => {
  const github = new GitHubDouble({
    ada: { id: 1, memberships: { acme: "active", "acme/platform": "active" } },
  });
  await using server = await startStackServer({
    settings: { identityMethod: "github", githubClientId: gitHubApp.id, scopesByGroup },
    secrets: { githubClientSecret: gitHubApp.secret },
    outbound: github.outbound,
  });
  const app = await OAuthApp.register(server.origin);
  const person = new PersonElsewhere(async (url) => {
    expect(url.searchParams.get("scope")).toBe("read:user user:email read:org");
    return github.authorize(url, "ada");
  });
  const login = await app.logIn(person, { scope: all });
  const first = await app.refresh(login.refreshToken);
  expect(first.body.scope).toBe("demo:use demo:read demo:write");
  github.accounts = { ada: { id: 1, memberships: { acme: "active", "acme/platform": "pending" } } };
  const second = await app.refresh(first.body.refresh_token ?? "");
  expect(second.body.scope).toBe("demo:use");
  github.interfere = () => new Response("{}", { status: 503 });
  const down = await app.refresh(second.body.refresh_token ?? "");
  expect(down).toMatchObject({ status: 503, body: { error: "temporarily_unavailable" } });
  github.interfere = () => undefined;
  github.revokeAll();
  const ended = await app.refresh(second.body.refresh_token ?? "");
  expect(ended).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
});

test("groups behind Cloudflare Access are asked of the team at the sign-in", async () => {
  await using access = await AccessProxy.start();
  const { teamDomain, audience, origin, outbound } = access;
  await using server = await startStackServer({
    settings: {
      publicUrl: origin,
      identityMethod: "access",
      accessTeamDomain: teamDomain,
      accessAudience: audience,
      scopesByGroup,
    },
    outbound,
  });
  access.target = Number(new URL(server.origin).port);
  access.groups = {
    "ada@example.com": ["acme/platform"],
    "bob@example.com": [{ id: "1", name: "acme/platform" }],
  };
  const app = await OAuthApp.register(origin);
  for (const [email, granted] of [
    ["ada@example.com", ["demo:use", "demo:read", "demo:write"]],
    ["bob@example.com", ["demo:use", "demo:read", "demo:write"]],
    ["eve@example.com", ["demo:use"]],
  ] as const) {
    const person = new PersonElsewhere(async (url) => access.signIn(url, email));
    await person.visit(app.begin({ scope: all }).url);
    await person.goElsewhere();
    expect(listOffered(person), email).toEqual(granted);
  }
});

test("where nobody has groups, everybody may have what everybody may", async () => {
  await using server = await startStackServer({
    settings: { scopesByGroup: JSON.stringify({ "*": ["demo:use", "demo:read"] }) },
  });
  const app = await OAuthApp.register(server.origin);
  const person = new Person("ada@example.com");
  const authorization = app.begin({ scope: all });
  const code = (await person.authorize(authorization.url)).searchParams.get("code") ?? "";
  expect((await app.redeem(code, authorization)).body.scope).toBe("demo:use demo:read");
});
