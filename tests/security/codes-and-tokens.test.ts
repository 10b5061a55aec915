import { expect } from "vitest";
import { callUpstreamTool, withUpstreamTool } from "../identity/upstream-tool.ts";
import { passTime, readStore, withBackstage } from "../support/backstage.ts";
import { findCanaries, listForms } from "../support/canaries.ts";
import { readChallenge } from "../support/challenge.ts";
import { everyScope } from "../support/connect.ts";
import { GitHubDouble, gitHubApp } from "../support/github-double.ts";
import { getStream, postMessage, toToolCall } from "../support/mcp-by-hand.ts";
import { OAuthApp, readCode } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";
import { PersonElsewhere } from "../support/person-elsewhere.ts";
import { startStackServer } from "../support/stack-server.ts";
import { findInFiles } from "../support/stored-bytes.ts";
import { test } from "../support/test.ts";
import { liveWholeLife } from "../support/whole-life.ts";

const invalidGrant = { status: 400, body: { error: "invalid_grant" } };

/** Posts a form to the token endpoint. */
async function postToken(origin: string, fields: Readonly<Record<string, string>>) {
  const response = await fetch(`${origin}/token`, {
    method: "POST",
    body: new URLSearchParams(fields),
  });
  const text = await response.text();
  const body = text === "" ? {} : (JSON.parse(text) as Record<string, string>);
  return { status: response.status, body };
}

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

test("a code is worth nothing without its verifier, to another client, elsewhere or after ten minutes", async () => {
  await using server = await startStackServer({ change: withBackstage });
  const { origin } = server;
  const app = await OAuthApp.register(origin);
  const thief = await OAuthApp.register(origin, "Thief");
  const person = new Person("ada@example.com");
  const authorization = app.begin();
  const code = readCode(await person.authorize(authorization.url));
  const { verifier, resource } = authorization;
  const good = {
    grant_type: "authorization_code",
    client_id: app.clientId,
    code,
    code_verifier: verifier,
    redirect_uri: app.redirectUri,
    resource,
  };
  const other = app.begin().verifier;
  const { code_verifier: _verifier, ...withoutVerifier } = good;
  const refused: Record<string, [Record<string, string>, error: string]> = {
    "another verifier": [{ ...good, code_verifier: other }, "invalid_grant"],
    "the verifier in another case": [
      { ...good, code_verifier: verifier.toUpperCase() },
      "invalid_grant",
    ],
    "an empty verifier": [{ ...good, code_verifier: "" }, "invalid_request"],
    "no verifier": [withoutVerifier, "invalid_request"],
    "another client": [{ ...good, client_id: thief.clientId }, "invalid_grant"],
    "another redirect URI": [
      { ...good, redirect_uri: "http://localhost:8091/other" },
      "invalid_grant",
    ],
    "another resource": [{ ...good, resource: `${origin}/sse` }, "invalid_target"],
    "another grant type": [
      { ...good, grant_type: "refresh_token", refresh_token: code },
      "invalid_grant",
    ],
  };
  for (const [what, [fields, error]] of Object.entries(refused)) {
    const answer = await postToken(origin, fields);
    expect([what, answer.status, answer.body.error]).toEqual([what, 400, error]);
  }
  // Nobody who tried has used it up.
  const first = await postToken(origin, good);
  expect(first.status).toBe(200);

  const late = app.begin();
  const lateCode = readCode(await person.authorize(late.url));
  await passTime(origin, 601);
  expect(await app.redeem(lateCode, late)).toMatchObject(invalidGrant);
});

test("a request without an S256 challenge, or with an unknown response mode, is refused before anybody is asked", async ({
  server,
}) => {
  const app = await OAuthApp.register(server.origin);
  const person = new Person("ada@example.com");
  const plain = app.begin({ challengeMethod: "plain" });
  const none = app.begin();
  none.url.searchParams.delete("code_challenge");
  none.url.searchParams.delete("code_challenge_method");
  // None of these can ever fit a verifier.
  const malformed = [
    "short",
    "x".repeat(42),
    "x".repeat(44),
    `${"x".repeat(42)}=`,
    "x x".padEnd(43),
  ];
  const wrong = malformed.map((challenge) => {
    const begun = app.begin();
    begun.url.searchParams.set("code_challenge", challenge);
    return begun;
  });
  const modes = ["fragment", "form_post", "web_message", "QUERY"].map((mode) => {
    const begun = app.begin();
    begun.url.searchParams.set("response_mode", mode);
    return begun;
  });
  for (const { url, state } of [plain, none, ...wrong, ...modes]) {
    const { leavesFor } = await person.visit(url);
    expect(leavesFor?.href.split("?")[0]).toBe(app.redirectUri);
    expect(Object.fromEntries(leavesFor?.searchParams ?? [])).toMatchObject({
      error: "invalid_request",
      state,
      iss: server.origin,
    });
    expect(leavesFor?.searchParams.has("code")).toBe(false);
  }
  const { url } = app.begin();
  url.searchParams.set("response_mode", "query");
  expect((await person.visit(url)).status).toBe(200);
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

test("the token endpoint takes one form by POST, with every parameter once", async ({ server }) => {
  const { origin } = server;
  const app = await OAuthApp.register(origin);
  const authorization = app.begin();
  const code = readCode(await new Person("ada@example.com").authorize(authorization.url));
  const form = new URLSearchParams({
    grant_type: "authorization_code",
    client_id: app.clientId,
    code,
    code_verifier: authorization.verifier,
    redirect_uri: app.redirectUri,
  });
  const type = (value: string) => ({ "content-type": value });
  const urlencoded = type("application/x-www-form-urlencoded");
  const basic = { authorization: `Basic ${btoa("another:")}` };
  const endpoint = `${origin}/token`;
  const requests: Record<string, Promise<Response>> = {
    "in the query, by GET": fetch(`${endpoint}?${form}`),
    "in the query, by POST": fetch(`${endpoint}?${form}`, { method: "POST", headers: urlencoded }),
    "by PUT": fetch(endpoint, { method: "PUT", body: form }),
    "by an overridden GET": fetch(`${endpoint}?${form}`, {
      headers: { "x-http-method-override": "POST" },
    }),
    "as JSON": fetch(endpoint, {
      method: "POST",
      headers: type("application/json"),
      body: JSON.stringify(Object.fromEntries(form)),
    }),
    "as plain text": fetch(endpoint, {
      method: "POST",
      headers: type("text/plain"),
      body: `${form}`,
    }),
    "with two ways to name the client": fetch(endpoint, {
      method: "POST",
      headers: basic,
      body: form,
    }),
  };
  for (const name of form.keys()) {
    requests[`with two of ${name}`] = fetch(endpoint, {
      method: "POST",
      headers: urlencoded,
      body: `${form}&${name}=other`,
    });
    requests[`with two of ${name}, the other first`] = fetch(endpoint, {
      method: "POST",
      headers: urlencoded,
      body: `${name}=other&${form}`,
    });
  }
  for (const [how, pending] of Object.entries(requests)) {
    const response = await pending;
    expect([400, 401, 405], how).toContain(response.status);
    expect(await response.json(), how).toMatchObject({ error: expect.stringMatching(/^invalid_/) });
  }
  for (const grantType of ["password", "client_credentials", "implicit", "__proto__", ""]) {
    const { status, body } = await postToken(origin, {
      ...Object.fromEntries(form),
      grant_type: grantType,
    });
    expect(status, grantType).toBe(400);
    expect(body.access_token, grantType).toBeUndefined();
  }
  expect((await app.redeem(code, authorization)).status).toBe(200);
});

test("a refresh token is replaced by its use, gets one answer, and ends its login when it comes late", async () => {
  await using server = await startStackServer({ change: withBackstage });
  const app = await OAuthApp.register(server.origin);
  const thief = await OAuthApp.register(server.origin, "Thief");
  const login = await app.logIn(new Person("ada@example.com"));
  const mcp = `${server.origin}/mcp`;
  expect(await thief.refresh(login.refreshToken)).toMatchObject(invalidGrant);
  expect(await app.refresh(login.accessToken)).toMatchObject(invalidGrant);

  const first = await app.refresh(login.refreshToken);
  expect(first.body.refresh_token).not.toBe(login.refreshToken);
  // The answer got lost on its way: the client asks again with what it has.
  const again = await app.refresh(login.refreshToken);
  expect(again.status).toBe(200);
  const newest = again.body.refresh_token ?? "";
  const second = await app.refresh(newest);
  expect(second.status).toBe(200);
  // Until then the answer of a rotation may still be on its way.
  await passTime(server.origin, 61);
  for (const guess of [`${newest}x`, `${newest}:x`, newest.slice(0, -1)]) {
    expect(await app.refresh(guess)).toMatchObject(invalidGrant);
  }
  expect(await thief.refresh(newest)).toMatchObject(invalidGrant);
  const answer = await postMessage(mcp, second.body.access_token ?? "");
  expect(answer.status).toBe(200);
  await answer.body?.cancel();
  // Two have the token now, and nobody can tell which of them is the client.
  expect(await app.refresh(login.refreshToken)).toMatchObject(invalidGrant);
  expect(await app.refresh(second.body.refresh_token ?? "")).toMatchObject(invalidGrant);
  expect((await postMessage(mcp, second.body.access_token ?? "")).status).toBe(401);
});

test("a replaced refresh token gets no new tokens while the client rests, nor with another parameter", async () => {
  await using server = await startStackServer({ change: withBackstage });
  const app = await OAuthApp.register(server.origin);
  const login = await app.logIn(new Person("ada@example.com"));
  const refresh = (more: Readonly<Record<string, string>>) =>
    postToken(server.origin, {
      ...{ grant_type: "refresh_token", client_id: app.clientId },
      ...{ refresh_token: login.refreshToken, ...more },
    });
  const { resource } = login.authorization;
  const both = await Promise.all([refresh({}), refresh({ resource })]);
  expect(both.map(({ status }) => status)).toEqual([200, 200]);
  const [first] = both;
  for (const more of [{}, { resource }, { scope: "demo:use" }]) {
    const again = await refresh(more);
    expect(again.body.refresh_token).toBe(first?.body.refresh_token);
    expect(again.body.access_token).toBe(first?.body.access_token);
  }
  const wider = await refresh({ scope: "demo:use demo:write" });
  expect(wider).toMatchObject({ status: 400, body: { error: "invalid_scope" } });
  const other = await refresh({ resource: `${server.origin}/sse` });
  expect(other).toMatchObject({ status: 400, body: { error: "invalid_target" } });

  // Nobody has used the answer: it may have been lost, and the client gets the same one again.
  await passTime(server.origin, 75);
  expect((await refresh({})).body.refresh_token).toBe(first?.body.refresh_token);
  const used = await postMessage(`${server.origin}/mcp`, first?.body.access_token ?? "");
  expect(used.status).toBe(200);
  await used.body?.cancel();
  // The gate hears of it after the call was answered.
  await expect.poll(async () => (await refresh({})).status, { timeout: 60_000 }).toBe(400);
  const { refresh_token: newest = "" } = first?.body ?? {};
  expect(await app.refresh(newest)).toMatchObject(invalidGrant);
});

test("a token of one deployment is refused at another, and so is a token that is none of ours", async ({
  server,
}) => {
  await using other = await startStackServer();
  const app = await OAuthApp.register(server.origin);
  const { accessToken, refreshToken, code } = await app.logIn(new Person("ada@example.com"));
  const elsewhere = await postMessage(`${other.origin}/mcp`, accessToken);
  expect(elsewhere.status).toBe(401);
  expect(readChallenge(elsewhere).error).toBe("invalid_token");
  expect(
    await postToken(other.origin, {
      grant_type: "refresh_token",
      client_id: app.clientId,
      refresh_token: refreshToken,
    }),
  ).toMatchObject({ status: 401, body: { error: "invalid_client" } });

  const foreign = {
    "a token of GitHub": `gho_${"a".repeat(36)}`,
    "an ID token": `${btoa('{"alg":"none"}')}.${btoa(`{"iss":"${server.origin}"}`)}.`,
    "a refresh token": refreshToken,
    "a code": code,
    "a token with more behind it": `${accessToken}:x`,
    "a token without its secret": accessToken.slice(0, accessToken.lastIndexOf(":") + 1),
  };
  for (const [what, token] of Object.entries(foreign)) {
    const refused = await postMessage(`${server.origin}/mcp`, token);
    expect(refused.status, what).toBe(401);
    expect(readChallenge(refused).error, what).toBe("invalid_token");
  }
  for (const authorization of [
    accessToken,
    `Bearer x, Bearer ${accessToken}`,
    `Bearer ${accessToken}, Bearer x`,
    `Basic ${btoa(accessToken)}`,
    `DPoP ${accessToken}`,
  ]) {
    const refused = await postMessage(`${server.origin}/mcp`, "", undefined, { authorization });
    expect(refused.status, authorization.split(" ")[0]).toBe(401);
  }
  // The scheme may be written in any case (RFC 9110 section 11.1).
  for (const scheme of ["bearer", "BEARER"]) {
    const authorization = `${scheme} ${accessToken}`;
    const taken = await postMessage(`${server.origin}/mcp`, "", undefined, { authorization });
    expect(taken.status, scheme).toBe(200);
    await taken.body?.cancel();
  }
});

test("a resource that this server has not, or two of them, are refused as invalid_target, and change nothing", async ({
  server,
}) => {
  const { origin } = server;
  const app = await OAuthApp.register(origin);
  const person = new Person("ada@example.com");
  const { accessToken, refreshToken } = await app.logIn(person);
  for (const resource of [
    "https://evil.example/mcp",
    origin,
    `${origin}/mcp/`,
    `${origin}/MCP`,
    `${origin}/mcp#part`,
    `${origin}/other`,
    "rubbish",
  ]) {
    const { url, state } = app.begin();
    url.searchParams.set("resource", resource);
    const { leavesFor } = await person.visit(url);
    expect(Object.fromEntries(leavesFor?.searchParams ?? []), resource).toMatchObject({
      error: "invalid_target",
      state,
      iss: origin,
    });
    expect(
      await postToken(origin, {
        grant_type: "refresh_token",
        client_id: app.clientId,
        refresh_token: refreshToken,
        resource,
      }),
      resource,
    ).toMatchObject({ status: 400, body: { error: "invalid_target" } });
  }
  const { url } = app.begin();
  url.searchParams.append("resource", `${origin}/sse`);
  const { leavesFor } = await person.visit(url);
  expect(leavesFor?.searchParams.get("error")).toBe("invalid_target");

  const answer = await postMessage(`${origin}/mcp`, accessToken);
  expect(answer.status).toBe(200);
  await answer.body?.cancel();
  expect((await app.refresh(refreshToken)).status).toBe(200);
});

test("a scope that this server has not, or that nobody allowed, is never granted", async ({
  server,
}) => {
  const { origin } = server;
  const app = await OAuthApp.register(origin);
  const person = new Person("ada@example.com");
  const login = await app.logIn(person, {
    scope: "demo:use openid email offline_access admin DEMO:USE __proto__ demo:write2",
  });
  const { body } = await app.refresh(login.refreshToken);
  expect(body.scope).toBe("demo:use");
  for (const scope of [everyScope, "demo:use demo:write", "admin"]) {
    const wider = await postToken(origin, {
      grant_type: "refresh_token",
      client_id: app.clientId,
      refresh_token: body.refresh_token ?? "",
      scope,
    });
    expect(wider.body.scope ?? "demo:use", scope).toBe("demo:use");
    if (wider.body.refresh_token !== undefined) Object.assign(body, wider.body);
  }
  for (const path of ["/mcp", "/sse"]) {
    const challenge = readChallenge(await fetch(`${origin}${path}`, { method: "POST" }));
    expect(challenge.scope).not.toContain("offline_access");
    const document = await fetch(`${origin}/.well-known/oauth-protected-resource${path}`);
    expect(await document.text()).not.toContain("offline_access");
  }
});

test("a client that revokes a token ends it, and no other client can", async ({ server }) => {
  const { origin } = server;
  const mcp = `${origin}/mcp`;
  const app = await OAuthApp.register(origin);
  const thief = await OAuthApp.register(origin, "Thief");
  const { accessToken, refreshToken } = await app.logIn(new Person("ada@example.com"));
  const revoke = ({ clientId }: OAuthApp, token: string, hint: string) =>
    postToken(origin, { client_id: clientId, token, token_type_hint: hint });
  const use = async () => {
    const answer = await postMessage(mcp, accessToken);
    await answer.body?.cancel();
    return answer.status;
  };
  for (const token of [accessToken, refreshToken]) {
    for (const hint of ["access_token", "refresh_token"]) {
      // Whoever asks learns nothing (RFC 7009 section 2.2).
      expect((await revoke(thief, token, hint)).status).toBe(200);
    }
  }
  expect(await use()).toBe(200);
  // The hint is only a hint.
  expect((await revoke(app, refreshToken, "access_token")).status).toBe(200);
  expect(await use()).toBe(401);
  expect(await app.refresh(refreshToken)).toMatchObject(invalidGrant);
  expect((await revoke(app, refreshToken, "refresh_token")).status).toBe(200);
});

test("what is kept in KV holds no token, code, secret or person in clear", async () => {
  await using server = await startStackServer({ change: withBackstage });
  const { origin } = server;
  const person = new Person("very.private@example.com", "a-very-private-password");
  const app = await OAuthApp.register(origin);
  const registered = await fetch(`${origin}/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      redirect_uris: [app.redirectUri],
      token_endpoint_auth_method: "client_secret_post",
    }),
  });
  const { client_secret: clientSecret = "" } = (await registered.json()) as {
    client_secret?: string;
  };
  // What is kept while a page is open, while a code waits, and afterwards.
  const open = app.begin();
  await person.visit(open.url);
  await person.signIn();
  const handle = person.page.root.querySelector("[name=handle]")?.getAttribute("value") ?? "";
  const duringConsent = await readStore(origin);
  const waiting = app.begin({ path: "/sse" });
  const code = readCode(await person.authorize(waiting.url));
  const duringCode = await readStore(origin);
  const login = await app.logIn(person, { scope: everyScope });
  const renewed = await app.refresh(login.refreshToken);
  const afterwards = await readStore(origin);
  const store = JSON.stringify([duringConsent, duringCode, afterwards]);
  // The open page is in a Durable Object; the test of those looks there.
  expect(Object.keys(duringConsent).some((key) => key.startsWith("transaction:"))).toBe(false);
  expect(Object.keys(afterwards).some((key) => key.startsWith("token:"))).toBe(true);

  const cookies = await person.browser.readCookies(open.url);
  const [, session = ""] = /__Host-session=([^;]+)/.exec(cookies) ?? [];
  const secrets: Record<string, string> = {
    email: person.email,
    "name in the email": "very.private",
    password: person.password,
    handle,
    code,
    "code that was used": login.code,
    verifier: waiting.verifier,
    "state of a client": open.state,
    "client secret": clientSecret,
    "access token": login.accessToken,
    "refresh token": login.refreshToken,
    "renewed access token": renewed.body.access_token ?? "",
    "renewed refresh token": renewed.body.refresh_token ?? "",
    "cookie of the sign-in": session,
  };
  for (const [what, secret] of Object.entries(secrets)) {
    expect(secret.length, what).toBeGreaterThan(8);
    // User and grant stand before the last part, which alone lets nobody in without them.
    const heart = secret.split(":").at(-1) ?? secret;
    for (const text of [secret, heart, encodeURIComponent(secret), btoa(secret).slice(0, -4)]) {
      expect(store.includes(text), `${what} in KV`).toBe(false);
    }
  }
});

test("a client, code or token too long for anybody to have is unknown, and fails nothing", async ({
  server,
}) => {
  const { origin } = server;
  const app = await OAuthApp.register(origin);
  const long = "x".repeat(3000);
  const code = { grant_type: "authorization_code", code_verifier: app.begin().verifier };
  const refresh = { grant_type: "refresh_token", client_id: app.clientId };
  const asked: Record<string, Record<string, string>> = {
    "a client": { ...code, client_id: long, code: "a:b:c" },
    "a code": { ...code, client_id: app.clientId, code: `${long}:b:c` },
    "a code's grant": { ...code, client_id: app.clientId, code: `a:${long}:c` },
    "a refresh token": { ...refresh, refresh_token: `${long}:b:c` },
    "a refresh token's grant": { ...refresh, refresh_token: `a:${long}:c` },
    "a refresh token's secret": { ...refresh, refresh_token: `a:b:${long}` },
    "a revocation": { client_id: app.clientId, token: `${long}:b:c` },
  };
  for (const [what, fields] of Object.entries(asked)) {
    const { status, body } = await postToken(origin, fields);
    expect(status, what).toBeLessThan(500);
    if (what !== "a revocation") {
      expect(body.error, what).toMatch(/^invalid_(grant|client|request)$/);
    }
  }
  for (const path of ["/mcp", "/sse"]) {
    for (const token of [`${long}:b:c`, `a:${long}:c`, `a:b:${long}`, long, ":".repeat(3000)]) {
      const refused = await postMessage(`${origin}${path}`, token);
      expect(refused.status, path).toBe(401);
      expect(readChallenge(refused).error, path).toBe("invalid_token");
    }
  }
});

test("two programs of a person that refresh at once both stay signed in", async ({ server }) => {
  const app = await OAuthApp.register(server.origin);
  const login = await app.logIn(new Person("ada@example.com"));
  let refreshToken = login.refreshToken;
  for (let round = 0; round < 5; round++) {
    const answers = await Promise.all([app.refresh(refreshToken), app.refresh(refreshToken)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    // The slower one comes back with what it was given.
    const tokens = answers.map(({ body }) => body.refresh_token ?? "");
    const later = await Promise.all(tokens.map((token) => app.refresh(token)));
    expect(later.map(({ status }) => status)).toEqual([200, 200]);
    refreshToken = later[0]?.body.refresh_token ?? "";
  }
});

test("a client's token never reaches the server that signs people in, nor that server's token this one", async () => {
  const github = new GitHubDouble({ ada: { id: 1815 } });
  const sent: string[] = [];
  await using server = await startStackServer({
    settings: { identityMethod: "github", githubClientId: gitHubApp.id },
    secrets: { githubClientSecret: gitHubApp.secret },
    change: withUpstreamTool,
    outbound(url, request) {
      sent.push(JSON.stringify([url, request.method, [...request.headers], request.body]));
      return github.outbound(url, request);
    },
  });
  const app = await OAuthApp.register(server.origin);
  const person = new PersonElsewhere(async (url) => github.authorize(url, "ada"));
  // Whatever scopes the Worker with that tool has.
  const login = await app.logIn(person, { scope: "demo:use demo:profile" });
  await callUpstreamTool(server.origin, login.accessToken);
  const renewed = await app.refresh(login.refreshToken);
  await callUpstreamTool(server.origin, renewed.body.access_token ?? "");
  expect(sent.length).toBeGreaterThan(1);
  const ours = [login.accessToken, login.refreshToken, renewed.body.access_token ?? "", login.code];
  const log = server.requests.join("\n");
  for (const token of ours) {
    const heart = token.split(":").at(-1) ?? "";
    expect(heart.length).toBeGreaterThan(8);
    expect(sent.join("\n")).not.toContain(heart);
    expect(log).not.toContain(heart);
  }
  expect(github.tokens.length).toBeGreaterThan(0);
  for (const token of github.tokens) {
    const refused = await postMessage(`${server.origin}/mcp`, token);
    expect(refused.status).toBe(401);
    expect(await refused.text()).not.toContain(token);
    expect(await app.refresh(token)).toMatchObject(invalidGrant);
    expect(server.requests.join("\n")).not.toContain(token);
  }
});

test("neither KV nor any object keeps a token, code, secret or sign-in in clear", async () => {
  await using server = await startStackServer({ settings: { personalTokens: "30" } });
  const { origin, dataDirectory, requests: log } = server;
  const { canaries, clientId } = await liveWholeLife(origin);
  // What is kept is found where it is kept.
  expect(await findInFiles(dataDirectory, [clientId])).not.toEqual([]);
  for (const [what, secret] of Object.entries(canaries)) {
    expect(await findInFiles(dataDirectory, listForms(secret)), what).toEqual([]);
  }
  expect(log.join("\n")).toContain('"event":"tool"');
  expect(findCanaries(log.join("\n"), canaries)).toEqual([]);
});

test("a secret is found in whatever form it stands in a line", () => {
  const secret = "person:grant:a-secret+of/some=length";
  const heart = "a-secret+of/some=length";
  const lines = {
    "as it is": `{"event":"tool","token":"${secret}"}`,
    "its last part": `token ${heart}.`,
    "in a URL": `/authorize?code=${encodeURIComponent(secret)}`,
    "in hex": Buffer.from(heart).toString("hex"),
    ...Object.fromEntries(
      ["", "x", "xy", "xyz"].flatMap((before) => [
        [
          `in Base64 after "${before}"`,
          Buffer.from(`${before}${heart} and more`).toString("base64"),
        ],
        [`in Base64url after "${before}"`, Buffer.from(`${before}${heart}`).toString("base64url")],
      ]),
    ),
  };
  for (const [how, line] of Object.entries(lines)) {
    expect(findCanaries(line, { secret }), how).toEqual(["secret"]);
  }
  expect(findCanaries("nothing of it", { secret })).toEqual([]);
});

test("no refusal repeats a token, code, verifier, password or address that it was sent", async () => {
  const probeSecret = "the-secret-of-the-probe-and-long-enough";
  await using server = await startStackServer({
    secrets: { probeSecret, demoPassword: "the-password-of-the-demo" },
  });
  const { origin } = server;
  const app = await OAuthApp.register(origin);
  const person = new Person("ada.lovelace@example.com", "the-password-of-the-demo");
  const login = await app.logIn(person, { scope: "demo:use" });
  const wrong = {
    verifier: "wrong-verifier-".padEnd(43, "v"),
    password: "wrong-password-of-somebody",
    token: `${login.accessToken.slice(0, -4)}wxyz`,
    clientSecret: "wrong-secret-of-a-client",
  };
  const authorization = app.begin();
  const code = readCode(await person.authorize(authorization.url));
  const post = (
    path: string,
    fields: Record<string, string>,
    headers: Readonly<Record<string, string>> = {},
  ) =>
    fetch(`${origin}${path}`, {
      method: "POST",
      headers,
      body: new URLSearchParams(fields),
      redirect: "manual",
    });
  const token = (fields: Record<string, string>) => post("/token", fields);
  const { clientId: client_id, redirectUri: redirect_uri } = app;
  const grant_type = "authorization_code";
  const bearer = (value: string) => ({ authorization: `Bearer ${value}` });
  const refusals: Record<string, Response> = {
    "a wrong verifier": await token({
      ...{ grant_type, client_id, code, redirect_uri, code_verifier: wrong.verifier },
    }),
    "a code again": await token({
      ...{ grant_type, client_id, code: login.code, redirect_uri },
      code_verifier: login.authorization.verifier,
    }),
    "a stranger's secret": await post(
      "/token",
      { grant_type: "refresh_token", refresh_token: wrong.token },
      { authorization: `Basic ${btoa(`${client_id}:${wrong.clientSecret}`)}` },
    ),
    "a wrong token": await postMessage(`${origin}/mcp`, wrong.token),
    "a token in the query": await fetch(`${origin}/mcp?access_token=${login.accessToken}`),
    "a token for too little": await postMessage(
      `${origin}/mcp`,
      login.accessToken,
      toToolCall("put", { key: "a", value: "b" }),
    ),
    "a wrong probe": await fetch(`${origin}/probe${authorization.url.search}`, {
      method: "POST",
      headers: bearer(wrong.password),
    }),
    "a wrong password": await post(
      `/authorize${app.begin().url.search}`,
      { step: "sign-in", email: "ada.lovelace@example.com", password: wrong.password },
      { origin, "sec-fetch-site": "same-origin" },
    ),
    "a form from elsewhere": await post(
      `/authorize${app.begin().url.search}`,
      { step: "sign-in", email: "ada.lovelace@example.com", password: wrong.password },
      { origin: "https://evil.example" },
    ),
    "a callback that is none": await fetch(`${origin}/authorize/callback?code=${login.code}`),
  };
  const secrets = {
    ...wrong,
    ...{ code, oldCode: login.code, accessToken: login.accessToken },
    ...{ refreshToken: login.refreshToken, ownVerifier: login.authorization.verifier },
    ...{ probeSecret, demoPassword: "the-password-of-the-demo" },
  };
  for (const [what, response] of Object.entries(refusals)) {
    expect(response.status, what).toBeGreaterThanOrEqual(400);
    const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
    const answer = `${headers}\n${await response.text()}`;
    for (const [name, secret] of Object.entries(secrets)) {
      expect(answer.includes(secret), `${what} repeats ${name}`).toBe(false);
    }
    // The sign-in form keeps what was typed as the address.
    if (what !== "a wrong password") expect(answer, what).not.toContain("ada.lovelace");
  }
});
