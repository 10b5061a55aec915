import { expect, test } from "vitest";
import { OAuthApp } from "../support/oauth-app.ts";
import { changeJson, type Tamper } from "../support/openid-provider.ts";
import { PersonElsewhere } from "../support/person-elsewhere.ts";
import { findInFiles } from "../support/stored-bytes.ts";
import { startOpenIdStack } from "./openid-stack.ts";
import { callUpstreamTool, toDigest, withUpstreamTool } from "./upstream-tool.ts";

/** What the provider gave out. */
interface GivenTokens {
  readonly access_token: string;
  readonly refresh_token?: string;
}

/** A stack whose one tool needs a token of the provider; the tokens it gave out, in order. */
async function startStack(options: Parameters<typeof startOpenIdStack>[0] = {}) {
  const stack = await startOpenIdStack(options, { change: withUpstreamTool });
  const given: GivenTokens[] = [];
  const record: Tamper = async (path, response) => {
    if (path === "/token" && response.status === 200) {
      given.push((await response.clone().json()) as GivenTokens);
    }
    return response;
  };
  stack.provider.tamper = record;
  return { ...stack, given, record };
}

test("a tool gets the person's token, a refresh brings a new one, and neither is seen anywhere", async () => {
  await using stack = await startStack();
  const { server, given } = stack;
  const person = stack.meet("ada");
  const app = await OAuthApp.register(server.origin);
  const login = await app.logIn(person, { scope: "demo:use" });
  const first = await callUpstreamTool(server.origin, login.accessToken);
  expect(first.structuredContent).toEqual({ digest: toDigest(given[0]?.access_token ?? "") });

  const { body } = await app.refresh(login.refreshToken);
  const second = await callUpstreamTool(server.origin, body.access_token ?? "");
  expect(given).toHaveLength(2);
  expect(second.structuredContent).toEqual({ digest: toDigest(given[1]?.access_token ?? "") });

  const failed = await callUpstreamTool(server.origin, body.access_token ?? "", true);
  expect(failed.isError).toBe(true);
  const secrets = given.flatMap(({ access_token, refresh_token = "" }) => [
    access_token,
    refresh_token,
  ]);
  const log = server.requests.join("\n");
  expect(log).toContain("The service refused Bearer [redacted]");
  for (const secret of [...secrets, "ada@example.com"]) {
    expect(secret.length).toBeGreaterThan(10);
    expect(log).not.toContain(secret);
    expect(JSON.stringify(failed)).not.toContain(secret);
  }
  expect(await findInFiles(server.dataDirectory, [...secrets, "ada@example.com"])).toEqual([]);
  // The search finds what is there.
  expect(await findInFiles(server.dataDirectory, [app.clientId])).not.toEqual([]);
});

test("the provider is asked for what the tool needs, and for a refresh token", async () => {
  await using stack = await startStack();
  const person = stack.meet("ada");
  const app = await OAuthApp.register(stack.server.origin);
  await person.visit(app.begin({ scope: "demo:use" }).url);
  await person.decide("approve");
  const query = person.page.leavesFor?.searchParams;
  expect(query?.get("scope")).toBe("openid email repo offline_access");
  expect(query?.get("prompt")).toBe("consent");
});

test("each grant gets tokens of its own, also for a person who is signed in, and for nobody else", async () => {
  await using stack = await startStack();
  const { provider, server, given } = stack;
  const browser = provider.openBrowser();
  const person = new PersonElsewhere((url) => provider.signIn(browser, url, "ada"));
  const app = await OAuthApp.register(server.origin);
  await app.logIn(person, { scope: "demo:use" });
  await app.logIn(person, { scope: "demo:use" });
  expect(given).toHaveLength(2);
  // Ada said yes on the page; whoever comes back from the provider is somebody else.
  person.signInElsewhere = (url) => provider.signIn(provider.openBrowser(), url, "eve");
  await expect(app.logIn(person, { scope: "demo:use" })).rejects.toThrow("Somebody else");
  expect(person.page.status).toBe(409);
});

test("an access token does not outlive the provider's", async () => {
  await using stack = await startStack({ accessTokenLifetime: 300 });
  const person = stack.meet("ada");
  const app = await OAuthApp.register(stack.server.origin);
  const authorization = app.begin({ scope: "demo:use" });
  const code = (await person.authorize(authorization.url)).searchParams.get("code") ?? "";
  const first = await app.redeem(code, authorization);
  const second = await app.refresh(first.body.refresh_token ?? "");
  for (const { body } of [first, second]) {
    expect(body).toMatchObject({ expires_in: expect.any(Number) });
    const { expires_in: lifetime } = body as { expires_in?: number };
    expect(lifetime).toBeLessThanOrEqual(300);
    expect(lifetime).toBeGreaterThan(200);
  }
});

test("a person whom the provider has ended is signed out, with all tokens of the grant", async () => {
  await using stack = await startStack();
  const { provider, server } = stack;
  const app = await OAuthApp.register(server.origin);
  const login = await app.logIn(stack.meet("ada"), { scope: "demo:use" });
  await provider.revokeAll();
  const refused = await app.refresh(login.refreshToken);
  expect(refused).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
  await expect(callUpstreamTool(server.origin, login.accessToken)).rejects.toThrow(
    /401|nauthorized/,
  );
  expect(server.requests.join("\n")).toContain('"problem":"revoked"');
});

test("a refresh whose ID token is another person's ends the connection, and no tool gets that person's token", async () => {
  await using stack = await startStack();
  const { provider, server } = stack;
  const app = await OAuthApp.register(server.origin);
  const login = await app.logIn(stack.meet("ada"), { scope: "demo:use" });
  provider.tamper = changeJson("/token", (body) => ({
    ...body,
    id_token: provider.resign(String(body.id_token), { sub: "eve" }),
  }));
  const refused = await app.refresh(login.refreshToken);
  expect(refused).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
  await expect(callUpstreamTool(server.origin, login.accessToken)).rejects.toThrow(
    /401|nauthorized/,
  );
});

test("a provider that is down signs nobody out: the client is told when to come back", async () => {
  await using stack = await startStack();
  const { provider, server, record } = stack;
  const app = await OAuthApp.register(server.origin);
  const login = await app.logIn(stack.meet("ada"), { scope: "demo:use" });
  const failures: Record<string, () => Response> = {
    down: () => new Response("down", { status: 502, headers: { "retry-after": "9" } }),
    "too many": () => new Response("slow down", { status: 429, headers: { "retry-after": "9" } }),
    "wrong secret": () => Response.json({ error: "invalid_client" }, { status: 401 }),
  };
  for (const [name, fail] of Object.entries(failures)) {
    provider.tamper = (path, response) => (path === "/token" ? fail() : response);
    const refused = await fetch(`${server.origin}/token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "refresh_token",
        refresh_token: login.refreshToken,
        client_id: app.clientId,
      }),
    });
    expect(refused.status, name).toBe(503);
    expect(refused.headers.get("retry-after"), name).toBe(name === "wrong secret" ? "30" : "9");
    expect(await refused.json(), name).toMatchObject({ error: "temporarily_unavailable" });
  }
  provider.tamper = record;
  const renewed = await app.refresh(login.refreshToken);
  expect(renewed.status).toBe(200);
  expect((await callUpstreamTool(server.origin, renewed.body.access_token ?? "")).isError).not.toBe(
    true,
  );
});
