import { expect, test } from "vitest";
import { startTestServer } from "../support/dev-server.ts";
import { postMessage, SseStream } from "../support/mcp-by-hand.ts";
import { OAuthApp } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";

test("the log says what happened and holds nothing that would let anybody in", async () => {
  await using server = await startTestServer();
  const person = new Person("secret.person@example.com", "a-very-private-password");
  const app = await OAuthApp.register(server.origin);
  const mcp = `${server.origin}/mcp`;

  // A day in the life of the server, with everything that can go wrong.
  const denied = app.begin();
  await person.authorize(denied.url, { decision: "deny" });
  person.back();
  await person.decide("approve");
  const cookies = await person.browser.listCookieValues(denied.url);
  const login = await app.logIn(person);
  const sse = await app.logIn(person, { path: "/sse" });
  await using stream = await SseStream.open(`${server.origin}/sse`, sse.accessToken);
  await stream.listToolNames(sse.accessToken);
  const whoami = { jsonrpc: "2.0", id: 7, method: "tools/call", params: { name: "whoami" } };
  expect(await (await postMessage(mcp, login.accessToken, whoami)).text()).toContain(person.email);
  await postMessage(mcp, login.accessToken, { rubbish: login.code });
  await postMessage(mcp, sse.accessToken);
  await postMessage(stream.messageUrl, sse.accessToken, { rubbish: login.code });
  const { body: renewed } = await app.refresh(login.refreshToken);
  await app.redeem(login.code, login.authorization);
  await person.visit(`${server.origin}/authorize?client_id=${login.code}`);

  const secrets = {
    email: person.email,
    password: person.password,
    code: login.code,
    verifier: login.authorization.verifier,
    state: login.authorization.state,
    "access token": login.accessToken,
    "refresh token": login.refreshToken,
    "renewed access token": renewed.access_token ?? "",
    "renewed refresh token": renewed.refresh_token ?? "",
    "token of /sse": sse.accessToken,
    "id of the session": stream.messageUrl.searchParams.get("sessionId") ?? "",
    ...Object.fromEntries(cookies.map((value, index) => [`cookie ${index}`, value])),
  };
  expect(cookies.length).toBeGreaterThan(0);
  const log = server.requests.join("\n");
  for (const [what, secret] of Object.entries(secrets)) {
    expect(secret.length, what).toBeGreaterThan(8);
    // The last part alone is enough to get in: user and grant stand before it.
    const heart = secret.split(":").at(-1) ?? secret;
    for (const written of [secret, heart, encodeURIComponent(secret)]) {
      expect(log.includes(written), `${what} in the log:\n${log}`).toBe(false);
    }
  }

  // And it is a log: one JSON object a line, with what an operator looks for.
  const events = server.requests.map((line) => JSON.parse(line) as Record<string, unknown>);
  const find = (fields: Record<string, unknown>) =>
    events.filter((event) =>
      Object.entries(fields).every(([name, value]) => event[name] === value),
    );
  expect(find({ event: "sign-in", method: "demo" })).toHaveLength(1);
  expect(find({ event: "consent", decision: "deny" })).toHaveLength(1);
  expect(find({ event: "consent", decision: "approve" })).toHaveLength(2);
  expect(find({ event: "tool", tool: "whoami", outcome: "ok" })).toHaveLength(1);
  expect(find({ event: "request", route: "/mcp", status: 401 })).toHaveLength(1);
});
