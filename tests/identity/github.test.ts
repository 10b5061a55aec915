import { expect, test } from "vitest";
import { connectModern } from "../support/connect.ts";
import { type GitHubAccount, GitHubDouble, gitHubApp } from "../support/github-double.ts";
import { OAuthApp } from "../support/oauth-app.ts";
import { PersonElsewhere } from "../support/person-elsewhere.ts";
import { type StackServerOptions, startStackServer } from "../support/stack-server.ts";
import { findInFiles } from "../support/stored-bytes.ts";
import { callUpstreamTool, toDigest, withUpstreamTool } from "./upstream-tool.ts";

const ada: GitHubAccount = {
  id: 1815,
  emails: [
    { email: "old@acme.example", primary: false, verified: true },
    { email: "ada@acme.example", primary: true, verified: true },
  ],
  memberships: { acme: "active", "acme/platform": "active", elsewhere: "pending" },
};

/** A stack whose people sign in at GitHub. */
async function startGitHubStack({ settings = {}, change }: StackServerOptions = {}) {
  const github = new GitHubDouble({ ada });
  const server = await startStackServer({
    settings: { identityMethod: "github", githubClientId: gitHubApp.id, ...settings },
    secrets: { githubClientSecret: gitHubApp.secret },
    outbound: github.outbound,
    ...(change && { change }),
  });
  const meet = (login: string) => new PersonElsewhere(async (url) => github.authorize(url, login));
  return { github, server, meet, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

async function readProfile(origin: string, accessToken: string) {
  await using client = await connectModern(origin, accessToken);
  const { structuredContent } = await client.callTool({ name: "whoami", arguments: {} });
  return structuredContent as { id: string; email?: string };
}

test("a person signs in with their verified primary address, and stays the same when renamed", async () => {
  await using stack = await startGitHubStack();
  const { github, server } = stack;
  const app = await OAuthApp.register(server.origin);
  const first = await app.logIn(stack.meet("ada"));
  const profile = await readProfile(server.origin, first.accessToken);
  expect(profile.email).toBe("ada@acme.example");

  // Ada is now called lovelace, and somebody else took her old name.
  github.accounts = { lovelace: ada, ada: { id: 2 } };
  const renamed = await app.logIn(stack.meet("lovelace"));
  const other = await app.logIn(stack.meet("ada"));
  expect((await readProfile(server.origin, renamed.accessToken)).id).toBe(profile.id);
  const stranger = await readProfile(server.origin, other.accessToken);
  expect(stranger.id).not.toBe(profile.id);
  expect(stranger.email).toBeUndefined();

  // No tool needs a token of GitHub's, so none is kept, and none is in the log.
  expect(await findInFiles(server.dataDirectory, github.tokens)).toEqual([]);
  const log = server.requests.join("\n");
  for (const secret of [...github.tokens, "acme.example", gitHubApp.secret]) {
    expect(log).not.toContain(secret);
  }
});

/** Others than Ada, by what they are to her organisation and her team. */
const others: Readonly<Record<string, GitHubAccount>> = {
  invited: { id: 2, memberships: { acme: "pending" } },
  stranger: { id: 3, memberships: { other: "active" } },
  colleague: { id: 4, memberships: { acme: "active", "acme/board": "active" } },
};

test.each([
  ["an organisation", '["acme"]', { ada: true, colleague: true, invited: false, stranger: false }],
  ["a team", '["acme/platform"]', { ada: true, colleague: false, stranger: false }],
])("where the allow-list names %s, who is in it may sign in", async (_name, names, expected) => {
  await using stack = await startGitHubStack({ settings: { allowedOrganizations: names } });
  stack.github.accounts = { ada, ...others };
  const app = await OAuthApp.register(stack.server.origin);
  for (const [login, isIn] of Object.entries(expected)) {
    const loggingIn = app.logIn(stack.meet(login));
    if (isIn) expect((await loggingIn).accessToken, login).toBeTruthy();
    else await expect(loggingIn, login).rejects.toThrow("You have no access");
  }
});

test("the app asks to read organisations only where the stack names one", async () => {
  for (const [settings, scope] of [
    [{}, "read:user user:email"],
    [{ allowedOrganizations: '["acme"]' }, "read:user user:email read:org"],
  ] as const) {
    await using stack = await startGitHubStack({ settings });
    const person = stack.meet("ada");
    const app = await OAuthApp.register(stack.server.origin);
    await person.visit(app.begin().url);
    expect(person.page.text).toContain("GitHub");
    await person.decide("approve");
    expect(person.page.leavesFor?.searchParams.get("scope")).toBe(scope);
  }
});

test("an address that GitHub has not verified lets nobody in, and another account can be chosen", async () => {
  await using stack = await startGitHubStack({ settings: { allowedDomains: '["acme.example"]' } });
  const { github, server } = stack;
  const emails = [{ email: "eve@acme.example", primary: true, verified: false }];
  github.accounts = { ada, eve: { id: 3, emails } };
  const person = stack.meet("eve");
  const app = await OAuthApp.register(server.origin);
  await expect(person.authorize(app.begin().url)).rejects.toThrow("You have no access");
  expect(person.page.text).toContain("eve");
  await person.submit("switch");
  await person.decide("approve");
  expect(person.page.leavesFor?.searchParams.get("prompt")).toBe("select_account");
  person.signInElsewhere = async (url) => github.authorize(url, "ada");
  await person.goElsewhere();
  expect(person.page.leavesFor?.searchParams.get("code")).toBeTruthy();
});

test("GitHub's own ways to fail: an error with 200, a rate limit with 403, an outage", async () => {
  await using stack = await startGitHubStack();
  const { github, server } = stack;
  const app = await OAuthApp.register(server.origin);
  const fails = async (answers: Record<string, () => Response>, title: string, status: number) => {
    github.interfere = (path) => answers[path]?.();
    const person = stack.meet("ada");
    await expect(app.logIn(person)).rejects.toThrow(title);
    expect(person.page.status).toBe(status);
    return person.page;
  };
  const badCode = () => Response.json({ error: "bad_verification_code" });
  await fails({ "/login/oauth/access_token": badCode }, "Sign-in did not work", 400);
  const limited = () =>
    new Response("{}", {
      status: 403,
      headers: { "x-ratelimit-remaining": "0", "retry-after": "60" },
    });
  const page = await fails({ "/user": limited }, "Sign-in does not answer", 503);
  expect(page.headers.get("retry-after")).toBe("60");
  const broken = () => new Response("<html>", { status: 502 });
  await fails({ "/user/emails": broken }, "Sign-in does not answer", 503);
  await fails({ "/user": () => Response.json({ id: "1" }) }, "Sign-in did not work", 400);
});

test("a tool acts with the token of GitHub until the person takes it back there", async () => {
  await using stack = await startGitHubStack({ change: withUpstreamTool });
  const { github, server } = stack;
  const app = await OAuthApp.register(server.origin);
  const login = await app.logIn(stack.meet("ada"), { scope: "demo:use" });
  const [token = ""] = github.tokens;
  const { structuredContent } = await callUpstreamTool(server.origin, login.accessToken);
  expect(structuredContent).toEqual({ digest: toDigest(token) });
  expect(await findInFiles(server.dataDirectory, [token])).toEqual([]);

  github.interfere = () => new Response("{}", { status: 429, headers: { "retry-after": "5" } });
  const passing = await app.refresh(login.refreshToken);
  expect(passing).toMatchObject({ status: 503, body: { error: "temporarily_unavailable" } });
  github.interfere = () => undefined;
  const renewed = await app.refresh(login.refreshToken);
  expect(renewed.status).toBe(200);

  github.revokeAll();
  const ended = await app.refresh(renewed.body.refresh_token ?? "");
  expect(ended).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
  await expect(callUpstreamTool(server.origin, login.accessToken)).rejects.toThrow(
    /401|nauthorized/,
  );
});
