import { expect } from "vitest";
import type { Canaries } from "./canaries.ts";
import { connectLegacy, everyScope } from "./connect.ts";
import { postMessage, SseStream, toToolCall } from "./mcp-by-hand.ts";
import { OAuthApp } from "./oauth-app.ts";
import { Person } from "./person.ts";
import { makePersonalToken } from "./personal-token.ts";

/** What came of a life. */
export interface WholeLife {
  /** Everything that a person, a client or an attacker sent or was given in confidence. */
  readonly canaries: Canaries;
  /** Id of a client: it is not a secret, and must be found where things are kept. */
  readonly clientId: string;
}

/**
 * Lives through what a connection can live through: login, calls, errors, refresh, an answer that got lost,
 * streams, a page left open, refusals, the end of the connection.
 * @param password of a demo stack that has one.
 */
export async function liveWholeLife(
  origin: string,
  password = "a-very-private-password",
): Promise<WholeLife> {
  const mcp = `${origin}/mcp`;
  const person = new Person("very.private@example.com", password);
  const app = await OAuthApp.register(origin);
  const login = await app.logIn(person, { scope: everyScope });
  const ofSse = await app.logIn(person, { path: "/sse", scope: everyScope });
  const renewed = await app.refresh(login.refreshToken);
  const lost = await app.refresh(login.refreshToken);
  const { access_token: accessToken = "" } = renewed.body;
  {
    await using client = await connectLegacy(origin, accessToken, "legacy", { elicitation: {} });
    await client.callTool({ name: "put", arguments: { name: "a", value: 1 } });
    await using stream = await SseStream.open(`${origin}/sse`, ofSse.accessToken);
    await stream.listToolNames(ofSse.accessToken);
  }
  const answer = await postMessage(mcp, accessToken, toToolCall("whoami", {}));
  expect(await answer.text()).toContain(person.email);
  // Mistakes, with secrets where none belong.
  const mistaken = "a-secret-that-was-pasted-into-an-argument";
  const stray = "token-in-the-query-0123456789";
  const foreign = "foreign-token-0123456789-abcdef";
  const replies = await Promise.all([
    postMessage(mcp, accessToken, toToolCall("get", { name: mistaken })),
    postMessage(mcp, accessToken, toToolCall(mistaken, {})),
    postMessage(mcp, foreign),
    postMessage(`${mcp}?access_token=${stray}`, ""),
    fetch(`${origin}/authorize/callback?code=${stray}&state=${stray}`),
    fetch(`${origin}/token`, { method: "POST", body: new URLSearchParams({ code: foreign }) }),
    fetch(`${origin}/${stray}`),
  ]);
  for (const reply of replies) await reply.text();
  expect((await app.redeem(ofSse.code, ofSse.authorization)).status).toBe(400);
  const typed = "a-wrong-password-that-was-typed";
  const guesser = new Person("guessing.person@example.com", typed);
  await guesser.visit(app.begin().url);
  await guesser.signIn();
  // A page that waits for an answer.
  const open = app.begin();
  await person.visit(open.url);
  const field = person.page.root.querySelector("[name=handle]")?.getAttribute("value") ?? "";
  // The rest of the field is the request, encrypted, and its proof.
  const [handle = ""] = field.split(".");
  const cookies = await person.browser.readCookies(origin);
  const [, session = ""] = /__Host-session=([^;]+)/.exec(cookies) ?? [];
  // One connection is given back, the others are ended at the page.
  const personal = await makePersonalToken(origin, person);
  const made = await postMessage(mcp, personal, toToolCall("whoami", {}));
  expect(await made.text()).toContain(person.email);
  const other = await OAuthApp.register(origin);
  const given = await other.logIn(person);
  await fetch(`${origin}/token`, {
    method: "POST",
    body: new URLSearchParams({ client_id: other.clientId, token: given.refreshToken }),
  });
  return {
    clientId: app.clientId,
    canaries: {
      handle,
      "state of a client": open.state,
      email: person.email,
      "name in the email": "very.private",
      password: person.password,
      "wrong password": typed,
      "email of somebody who guesses": guesser.email,
      code: login.code,
      "code that was used twice": ofSse.code,
      verifier: login.authorization.verifier,
      "cookie of the sign-in": session,
      "access token": login.accessToken,
      "refresh token": login.refreshToken,
      "access token of /sse": ofSse.accessToken,
      "renewed access token": accessToken,
      "renewed refresh token": renewed.body.refresh_token ?? "",
      "access token of the second answer": lost.body.access_token ?? "",
      "refresh token of the second answer": lost.body.refresh_token ?? "",
      "access token that was given back": given.accessToken,
      "refresh token that was given back": given.refreshToken,
      "personal token": personal,
      "argument of a tool": mistaken,
      "token in a query": stray,
      "token of another server": foreign,
    },
  };
}
