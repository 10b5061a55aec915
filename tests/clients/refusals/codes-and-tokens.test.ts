import { expect } from "vitest";
import { getStream, postMessage } from "../../support/mcp-by-hand.ts";
import { OAuthApp, readCode } from "../../support/oauth-app.ts";
import { Person } from "../../support/person.ts";
import { test } from "../../support/test.ts";

test("a code that is used twice ends the login it gave", async ({ server }) => {
  const app = await OAuthApp.register(server.origin);
  const login = await app.logIn(new Person("ada@example.com"));
  const mcp = `${server.origin}/mcp`;
  expect((await postMessage(mcp, login.accessToken)).status).toBe(200);

  expect(await app.redeem(login.code, login.authorization)).toMatchObject({
    status: 400,
    body: { error: "invalid_grant" },
  });
  const refused = await postMessage(mcp, login.accessToken);
  expect(refused.status).toBe(401);
  expect(refused.headers.get("www-authenticate")).toContain('error="invalid_token"');
  expect(await app.refresh(login.refreshToken)).toMatchObject({
    status: 400,
    body: { error: "invalid_grant" },
  });
});

test("a code is worth nothing without its verifier or to another client", async ({ server }) => {
  const app = await OAuthApp.register(server.origin);
  const thief = await OAuthApp.register(server.origin, "Thief");
  const person = new Person("ada@example.com");
  const authorization = app.begin();
  const code = readCode(await person.authorize(authorization.url));
  const { verifier } = app.begin();

  const invalid = { status: 400, body: { error: "invalid_grant" } };
  expect(await app.redeem(code, { ...authorization, verifier })).toMatchObject(invalid);
  expect(await thief.redeem(code, authorization)).toMatchObject(invalid);
});

test("a request without an S256 challenge is refused before anybody is asked", async ({
  server,
}) => {
  const app = await OAuthApp.register(server.origin);
  const person = new Person("ada@example.com");
  const plain = app.begin({ challengeMethod: "plain" });
  const none = app.begin();
  none.url.searchParams.delete("code_challenge");
  none.url.searchParams.delete("code_challenge_method");
  for (const { url, state } of [plain, none]) {
    const { leavesFor } = await person.visit(url);
    expect(leavesFor?.href.split("?")[0]).toBe(app.redirectUri);
    expect(Object.fromEntries(leavesFor?.searchParams ?? [])).toMatchObject({
      error: "invalid_request",
      state,
      iss: server.origin,
    });
    expect(leavesFor?.searchParams.has("code")).toBe(false);
  }
});

test("a token works at the endpoint it was given for and at no other", async ({ server }) => {
  const app = await OAuthApp.register(server.origin);
  const person = new Person("ada@example.com");
  const ofMcp = await app.logIn(person, { path: "/mcp" });
  const ofSse = await app.logIn(person, { path: "/sse" });
  const [mcp, sse] = [`${server.origin}/mcp`, `${server.origin}/sse`];

  // Both logins of one person live side by side.
  expect((await postMessage(mcp, ofMcp.accessToken)).status).toBe(200);
  expect((await postMessage(sse, ofSse.accessToken)).status).toBe(200);

  const refused = {
    "POST /mcp": await postMessage(mcp, ofSse.accessToken),
    "POST /sse": await postMessage(sse, ofMcp.accessToken),
    "GET /sse": await getStream(sse, ofMcp.accessToken),
    "POST /sse/message": await postMessage(`${sse}/message?sessionId=x`, ofMcp.accessToken),
    "rubbish at /mcp": await postMessage(mcp, "rubbish"),
    "a token in the query": await fetch(`${mcp}?access_token=${ofMcp.accessToken}`, {
      method: "POST",
    }),
  };
  for (const [what, response] of Object.entries(refused)) {
    expect(response.status, what).toBe(401);
    const challenge = response.headers.get("www-authenticate") ?? "";
    const path = new URL(response.url).pathname.startsWith("/sse") ? "/sse" : "/mcp";
    expect(challenge, what).toContain(
      `resource_metadata="${server.origin}/.well-known/oauth-protected-resource${path}"`,
    );
    if (what !== "a token in the query") {
      expect(challenge, what).toContain('error="invalid_token"');
    }
  }
});
