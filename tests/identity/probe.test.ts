import { expect, test } from "vitest";
import * as z from "zod";
import { tools } from "../fixture/tools/index.ts";
import { postMessage, postModern, readAnswer, toToolCall } from "../support/mcp-by-hand.ts";
import { type Authorization, OAuthApp, readCode } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";
import { startStackServer } from "../support/stack-server.ts";

/** A stack that lets a probe in. */
const probeSecret = "the probe secret of this very stack, 32 or more";

const everyScope = [...new Set(tools.map(({ scope }) => scope))].join(" ");

/** Asks for a code as `doctor` does: with the stack's secret instead of a person. */
function probe({ url }: Authorization, secret: string | undefined): Promise<Response> {
  const headers = { ...(secret !== undefined && { authorization: `Bearer ${secret}` }) };
  return fetch(new URL(`/probe${url.search}`, url), { method: "POST", headers });
}

const granted = z.object({ redirect_to: z.url() });

/** A probe's whole login. @returns what the token endpoint answered. */
async function logInAsProbe(app: OAuthApp) {
  const authorization = app.begin({ scope: everyScope });
  const answer = granted.parse(await (await probe(authorization, probeSecret)).json());
  const back = new URL(answer.redirect_to);
  expect(back.origin + back.pathname).toBe(app.redirectUri);
  expect(back.searchParams.get("state")).toBe(authorization.state);
  const { status, body } = await app.redeem(readCode(back), authorization);
  expect(status).toBe(200);
  return body;
}

/** The outcomes of probes in the Worker's log, in order. */
function readOutcomes(lines: readonly string[]): unknown[] {
  const events = lines.filter((line) => line.includes('"event":"probe"'));
  return events.map((line) => (JSON.parse(line) as { readonly outcome: unknown }).outcome);
}

test("a probe gets five minutes of one scope that only reads, and every other tool refuses it", async () => {
  await using server = await startStackServer({ secrets: { probeSecret } });
  const app = await OAuthApp.register(server.origin);
  const body = await logInAsProbe(app);
  expect(body).toMatchObject({ expires_in: 300, scope: "demo:profile" });
  expect(body).not.toHaveProperty("refresh_token");

  const token = body.access_token ?? "";
  const url = `${server.origin}/mcp`;
  const me = await readAnswer(await postMessage(url, token, toToolCall("whoami", {})));
  expect(me).toMatchObject({
    structuredContent: { identityMethod: "probe", scopes: ["demo:profile"] },
  });
  const others = tools.filter(({ scope }) => String(scope) !== "demo:profile");
  expect(others.length).toBeGreaterThan(5);
  for (const { name } of others) {
    const answers = [
      await postMessage(url, token, toToolCall(name, {})),
      await postModern(url, token, "tools/call", { name, arguments: {} }),
    ];
    for (const answer of answers) {
      expect(answer.status, name).toBe(403);
      expect(answer.headers.get("www-authenticate"), name).toContain('error="insufficient_scope"');
    }
  }
});

test("a probe that does not know the secret gets nothing, and the log says how often without saying it", async () => {
  await using server = await startStackServer({ secrets: { probeSecret } });
  const app = await OAuthApp.register(server.origin);
  const guesses = [undefined, "", "x", `${probeSecret}x`, probeSecret.slice(0, -1)];
  for (const guess of guesses) {
    const answer = await probe(app.begin(), guess);
    expect(answer.status, guess).toBe(401);
    expect(answer.headers.get("www-authenticate"), guess).toBe("Bearer");
    expect(await answer.json(), guess).toEqual({
      error: "invalid_token",
      error_description: "The probe secret is missing or wrong.",
    });
  }
  await logInAsProbe(app);
  await expect
    .poll(() => readOutcomes(server.requests))
    .toEqual([...guesses.map(() => "refused"), "granted"]);
  // Nor what was guessed, which is often the secret but for a typing error.
  expect(server.requests.join("\n")).not.toContain(probeSecret.slice(0, -1));
});

test("a stack without the secret has no probe", async () => {
  await using server = await startStackServer();
  const app = await OAuthApp.register(server.origin);
  for (const guess of [undefined, "", probeSecret]) {
    const answer = await probe(app.begin(), guess);
    expect(answer.status).toBe(404);
    expect(await answer.text()).toBe("Not found");
  }
  expect(readOutcomes(server.requests)).toEqual([]);
});

test("nobody finds a probe among their connections, and ending theirs leaves it alone", async () => {
  await using server = await startStackServer({ secrets: { probeSecret } });
  const app = await OAuthApp.register(server.origin, "The client of a probe");
  const { access_token: token = "" } = await logInAsProbe(app);
  const works = async () =>
    (await postMessage(`${server.origin}/mcp`, token, toToolCall("whoami", {}))).status;
  // Whoever signs in under the probe's own name is somebody else, too.
  for (const email of ["ada@example.com", "probe@probe"]) {
    const person = new Person(email);
    await person.visit(`${server.origin}/connections`);
    const { text } = await person.signIn();
    expect(text).toContain("No app may use Example for you");
    expect(text).not.toContain("The client of a probe");
    await app.logIn(person);
    await person.visit(`${server.origin}/connections`);
    expect(person.page.text.match(/The client of a probe/g)).toHaveLength(1);
    await person.submit("end", { grant: readGrant(person) });
    expect(person.page.text).toContain("1 app is disconnected.");
    expect(await works()).toBe(200);
  }
});

/** Id of the one connection on the page in front. */
function readGrant(person: Person): string {
  const [button, another] = person.page.root.querySelectorAll("button[name=grant]");
  expect(another).toBeUndefined();
  return button?.getAttribute("value") ?? "";
}
