import { reset } from "cloudflare:test";
import { afterEach, expect, test, vi } from "vitest";
import budgets from "../../../tests/bench/budgets.json" with { type: "json" };
import { TokenOwner } from "../../../tests/support/worker/token-owner.ts";
import { workerEnv } from "../../../tests/support/worker/worker-env.ts";
import { settingsWithTokens as withTokens } from "../../../tests/support/worker-settings.ts";
import type { WorkerSettings } from "../../env.ts";
import { createAuthorizationServer } from "../authorization-server.ts";
import { findGate } from "../gate/gates.ts";
import { runPurge } from "../purge-run.ts";
import { mostADay, mostTokens } from "./create.ts";
import { mintToken } from "./format.ts";

afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

const day = 86_400_000;

/** The id of a person's only token. */
async function findGrantId(owner: TokenOwner): Promise<string> {
  const [key = ""] = [...(await owner.readStore()).keys()].filter((name) =>
    name.startsWith("personal:"),
  );
  return key.slice("personal:".length);
}

/** Of what was asked while a call was answered, not what is reported after it. */
function listReads(owner: TokenOwner): string[] {
  return owner.asked.filter((each) => each !== "wake").map((each) => each.replace(/:.*/, ""));
}

function toStack(change: Partial<WorkerSettings>): WorkerSettings {
  return { ...withTokens, ...change };
}

test("a person makes a token, sees it once, and a program calls tools with it as that person", async () => {
  const owner = new TokenOwner();
  const page = await owner.ask({ name: "Nightly report", scope: ["demo:use", "demo:write"] });
  expect(page.headers.get("cache-control")).toBe("no-store");
  expect(page.headers.get("location")).toBeNull();
  expect(owner.asked.filter((each) => each.startsWith("put "))).toHaveLength(2);
  const [token = ""] = /rmcp_\w{36}/.exec(await page.text()) ?? [];
  expect((await owner.worker.call(token)).text).toContain("5");

  const listed = await (await owner.visit()).text();
  expect(listed).not.toContain(token);
  expect(listed).toContain("Nightly report");
  // What it keeps is the person's, whichever client they use.
  const stored = await owner.worker.call(token, "put", { name: "a", value: 7 });
  expect(stored.status).toBe(200);
  const { clientId, tokens } = await owner.worker.logIn();
  expect(clientId).not.toBe("");
  expect(tokens.status).toBe(200);
  expect((await owner.worker.call(token, "get", { name: "a" })).text).toContain("7");
});

test("a call with a personal token reads Workers KV as often as one with any other token: once cold, never warm", async () => {
  const owner = new TokenOwner();
  const token = await owner.make();
  const { cold, warm } = budgets.login.kvReadsOfCall;
  for (const budget of [cold, warm]) {
    owner.asked.length = 0;
    expect((await owner.worker.call(token)).status).toBe(200);
    expect(listReads(owner)).toEqual(Array(budget).fill("get personal"));
  }
  // The object is told once a day that the token is in use, after the call.
  expect(owner.asked).toEqual([]);
});

test("a junk token reads nothing and wakes nothing, whoever made it up", async () => {
  const owner = new TokenOwner();
  const token = await owner.make();
  const foreign = await mintToken({ SUBJECT_KEY: "another server's" });
  for (const junk of [`${token}x`, token.slice(0, -1), "rmcp_", foreign]) {
    const { status, challenge } = await owner.worker.call(junk);
    expect(status).toBe(401);
    expect(challenge).toContain('error="invalid_token"');
  }
  expect(owner.asked).toEqual([]);
  // One of ours that is not there any more is one read.
  await owner.worker.call(await mintToken(workerEnv));
  expect(owner.asked).toEqual([expect.stringMatching(/^get personal:/)]);
});

test("a refused personal token gets invalid_token, a reason in words, and nothing that starts a login", async () => {
  const owner = new TokenOwner();
  const token = await owner.make();
  for (const refused of ["rmcp_junk", await mintToken(workerEnv)]) {
    const { status, challenge, text } = await owner.worker.call(refused);
    expect(status).toBe(401);
    expect(challenge).toMatch(/^Bearer realm="OAuth", error="invalid_token", error_description="/);
    expect(challenge).not.toContain("resource_metadata");
    expect(challenge).not.toContain("scope=");
    expect(JSON.parse(text)).toMatchObject({
      error: "invalid_token",
      error_description: expect.stringContaining(`${withTokens.origin}/connections`),
    });
  }
  // Any other token, and none, get the challenge of before.
  expect((await owner.worker.call("user:grant:secret")).challenge).toContain("resource_metadata");
  expect((await owner.worker.call(token)).status).toBe(200);
});

test("a token opens the endpoint and the scopes that it was made for, and no others", async () => {
  const owner = new TokenOwner();
  const token = await owner.make({ endpoint: "sse" });
  expect(await owner.worker.call(token)).toMatchObject({ status: 401 });
  const headers = { authorization: `Bearer ${token}`, accept: "text/event-stream" };
  const { host } = new URL(withTokens.origin);
  const stream = await owner.worker.fetch("/sse", { headers: { ...headers, host } });
  expect(stream.status).toBe(200);
  await stream.body?.cancel();

  const narrow = await owner.make({ name: "Narrow" });
  const { status, challenge } = await owner.worker.call(narrow, "put", { name: "a", value: 1 });
  expect(status).toBe(403);
  expect(challenge).toContain('error="insufficient_scope"');
});

test("only the digest of a token is kept, and its person's address nowhere in clear", async () => {
  const owner = new TokenOwner();
  const token = await owner.make();
  await owner.worker.call(token);
  const store = JSON.stringify([...(await owner.readStore())]);
  for (const secret of [token, token.slice(5, 35), "ada@example.com"]) {
    expect(store).not.toContain(secret);
  }
  // A record under another token's key opens nothing.
  const other = await owner.make({ name: "Other" });
  const records = [...(await owner.readStore())].filter(([key]) => key.startsWith("personal:"));
  const [[first = "", text = ""] = [], [second = ""] = []] = records;
  await workerEnv.OAUTH_KV.put(second, text);
  await workerEnv.OAUTH_KV.put(first, text);
  const { worker: elsewhere } = new TokenOwner();
  const statuses = [await elsewhere.call(token), await elsewhere.call(other)];
  expect(statuses.map(({ status }) => status).toSorted()).toEqual([200, 401]);
});

test("what a stack says about people counts at the next call: allow-lists, method and issuer", async () => {
  const token = await new TokenOwner().make();
  const only = { emails: ["eve@example.com"], domains: [], organizations: [] };
  const call = (settings: WorkerSettings) => new TokenOwner(settings).worker.call(token);
  expect((await call(withTokens)).status).toBe(200);
  expect(await call(toStack({ allowed: only }))).toMatchObject({
    status: 401,
    text: expect.stringContaining("no longer lets its person in"),
  });
  const allowed = { ...only, emails: ["ada@example.com"] };
  expect((await call(toStack({ allowed }))).status).toBe(200);
  const identity = { method: "oidc", oidcIssuer: "https://id.example", oidcClientId: "c" } as const;
  expect((await call(toStack({ identity }))).status).toBe(401);
});

test("organisations count as of the last sign-in, for a time; then the person signs in again and the token goes on", async () => {
  const allowed = { emails: [], domains: [], organizations: ["acme"] };
  const settings = toStack({ identity: { method: "github", githubClientId: "c" }, allowed });
  const ada = { method: "github", issuer: "https://github.com", subject: "7" };
  const member = new TokenOwner(settings, { ...ada, organizations: ["acme"] });
  const token = await member.make({ days: "90" });
  const isTaken = async () => (await member.worker.call(token)).status === 200;
  expect(await isTaken()).toBe(true);
  vi.useFakeTimers({ now: Date.now() + 29 * day, toFake: ["Date"] });
  expect(await isTaken()).toBe(true);
  vi.setSystemTime(Date.now() + 2 * day);
  expect(await member.worker.call(token)).toMatchObject({
    status: 401,
    challenge: expect.stringContaining("has to sign in again"),
  });
  await member.visit();
  expect(await isTaken()).toBe(true);
  // Who left is turned away at the sign-in, and what is known of them runs out.
  vi.setSystemTime(Date.now() + 31 * day);
  expect((await new TokenOwner(settings, { ...ada, organizations: [] }).visit()).status).toBe(403);
  expect(await isTaken()).toBe(false);
});

test("a token never does more than its person may: at its making, and at each call by the groups of the last sign-in", async () => {
  const scopesByGroup = { "*": ["demo:use"], acme: ["demo:use", "demo:write"] };
  const identity = { method: "oidc", oidcIssuer: "https://id.example", oidcClientId: "c" } as const;
  const settings = toStack({ identity, scopesByGroup });
  const ada = { method: "oidc", issuer: "https://id.example", subject: "7" };
  const member = new TokenOwner(settings, { ...ada, groups: ["acme"] });
  const token = await member.make({ scope: ["demo:use", "demo:write"] });
  const put = () => member.worker.call(token, "put", { name: "a", value: 1 });
  expect((await put()).status).toBe(200);
  // Who left the group is offered less, and gives less.
  const left = new TokenOwner(settings, { ...ada, groups: [] });
  const refused = await left.ask({ name: "More", scope: ["demo:write"] });
  expect(await refused.text()).toContain("scopes: You cannot give &quot;demo:write&quot;");
  const form = await (await left.visit(undefined, "/connections?new=token")).text();
  expect(form).toContain("token-demo:use");
  expect(form).not.toContain("token-demo:write");
  // The stack gives the group less from now on.
  const narrow = new TokenOwner(toStack({ identity, scopesByGroup: { "*": ["demo:use"] } }));
  const isDone = async (owner: TokenOwner) =>
    !(await owner.worker.call(token, "put", { name: "a", value: 1 })).text.includes(
      '"isError":true',
    );
  expect(await isDone(member)).toBe(true);
  expect(await isDone(narrow)).toBe(false);
  expect((await narrow.worker.call(token)).status).toBe(200);
  // The next sign-in of who left is written into the token.
  vi.useFakeTimers({ now: Date.now() + 2 * day, toFake: ["Date"] });
  await left.visit();
  expect(await isDone(new TokenOwner(settings))).toBe(false);
});

test("a token that its person ends stays ended, with strictRevocation at once, even where Workers KV shows it", async () => {
  for (const strictRevocation of [true, false]) {
    const settings = toStack({ tokens: { ...withTokens.tokens, strictRevocation } });
    const owner = new TokenOwner(settings);
    const token = await owner.make({ name: `Strict ${strictRevocation}` });
    expect((await owner.worker.call(token)).status).toBe(200);
    const grantId = await findGrantId(owner);
    const stale = (await owner.readStore()).get(`personal:${grantId}`) ?? "";
    expect((await owner.end(grantId)).headers.get("location")).toContain("ended=1");
    expect([...(await owner.readStore()).keys()].filter((key) => key.includes(grantId))).toEqual(
      [],
    );
    expect((await owner.worker.call(token)).status).toBe(401);
    await workerEnv.OAUTH_KV.put(`personal:${grantId}`, stale);
    expect((await owner.worker.call(token)).status).toBe(strictRevocation ? 401 : 200);
    await workerEnv.OAUTH_KV.delete(`personal:${grantId}`);
  }
});

test("an operator and the clean-up end a token as they end a grant, and the clean-up leaves one that lives", async () => {
  const owner = new TokenOwner();
  const token = await owner.make();
  await runPurge({ ...workerEnv, SETTINGS: withTokens });
  expect((await owner.worker.call(token)).status).toBe(200);
  // As `npm run mcp -- admin revoke --user` does it.
  const oauth = createAuthorizationServer(withTokens).getOAuthApi(workerEnv);
  const { items } = await oauth.listUserGrants(await owner.userId);
  expect(items).toMatchObject([
    { clientId: "personal-token", metadata: { clientName: "Nightly" } },
  ]);
  for (const { id, userId } of items) await oauth.revokeGrant(id, userId);
  // Another isolate, which keeps no record.
  expect((await new TokenOwner().worker.call(token)).status).toBe(401);
  expect([...(await owner.readStore()).keys()].filter((key) => /personal|grant/.test(key))).toEqual(
    [],
  );
});

test("a token ends on its day", async () => {
  const owner = new TokenOwner();
  const token = await owner.make({ days: "1" });
  vi.useFakeTimers({ now: Date.now() + day + 1000, toFake: ["Date"] });
  expect((await owner.worker.call(token)).status).toBe(401);
});

test("the list says on which day a token was last used, and a use brings back none that was ended", async () => {
  const owner = new TokenOwner();
  const token = await owner.make();
  expect(await (await owner.visit()).text()).toContain("not used yet");
  await owner.worker.call(token);
  const today = new Date().toISOString().slice(0, 10);
  await vi.waitFor(async () => {
    const [, grant = ""] =
      [...(await owner.readStore())].find(([key]) => key.startsWith("grant:")) ?? [];
    expect(JSON.parse(grant)).toMatchObject({ metadata: { lastUsed: today } });
  });
  expect(await (await owner.visit()).text()).toContain("last used on");

  const [userId, grantId] = [await owner.userId, await findGrantId(owner)];
  const key = `grant:${userId}:${grantId}`;
  const stale = JSON.stringify({ expiresAt: Date.now() / 1000 + 3600, metadata: {} });
  const rewrite = () => findGate(workerEnv, { userId, grantId }).rewrite({ userId, grantId }, key);
  await owner.end(grantId);
  await rewrite();
  expect((await owner.readStore()).has(key)).toBe(false);
  // Elsewhere Workers KV shows it for a while.
  await workerEnv.OAUTH_KV.put(key, stale);
  await rewrite();
  expect((await owner.readStore()).get(key)).toBe(stale);
});

test("what is wrong with a token that is asked for is said by field, and none is made", async () => {
  const owner = new TokenOwner();
  const asked = [
    [{ name: " " }, "name: It needs a name"],
    [{ name: "x".repeat(61) }, "name: It has at most 60 characters"],
    [{ scope: [] }, "scopes: Choose what it may do"],
    [{ scope: ["admin"] }, "scopes: You cannot give &quot;admin&quot;"],
    [{ endpoint: "ftp" }, "endpoint: It is &quot;mcp&quot; or &quot;sse&quot;"],
    [{ days: "0" }, "days: It is one day at least"],
    [{ days: "91" }, "days: This server allows 90 days at most"],
    [{ days: "soon" }, "days: It is a number of days, 1 to 90"],
  ] as const;
  for (const [wrong, words] of asked) {
    const page = await owner.ask(wrong);
    expect(page.status).toBe(400);
    expect(await page.text()).toContain(words);
  }
  expect((await owner.readStore()).size).toBe(0);
});

test("a name stands for one token, and a person has twenty at most", async () => {
  const owner = new TokenOwner();
  await owner.make({ name: "Twice" });
  expect(await (await owner.ask({ name: "Twice" })).text()).toContain("You have a token");
  for (let count = 1; count < mostTokens; count++) await owner.make({ name: `Token ${count}` });
  const page = await owner.ask({ name: "One more" });
  expect(page.status).toBe(400);
  expect(await page.text()).toContain(`may have ${mostTokens}`);
});

test("however many a person asks for at once, a day has a limit", async () => {
  const owner = new TokenOwner();
  const pages = await Promise.all(
    Array.from({ length: mostADay + 5 }, (_, count) => owner.ask({ name: `Token ${count}` })),
  );
  const made = pages.filter(({ status }) => status === 200);
  expect(made.length).toBeLessThanOrEqual(mostADay);
  expect(owner.asked.filter((each) => each.startsWith("put ")).length).toBe(2 * made.length);
});

test("a form of another person, of another site or of nobody makes no token", async () => {
  const owner = new TokenOwner();
  const eve = { method: "demo", issuer: "demo", subject: "eve@example.com" };
  const form = new URLSearchParams({
    step: "make-token",
    person: await owner.userId,
    name: "Eve's",
    scope: "demo:use",
    days: "1",
    endpoint: "mcp",
  });
  expect((await new TokenOwner(withTokens, eve).visit(form)).status).toBe(409);
  const post = { method: "POST", body: form };
  const { host } = new URL(withTokens.origin);
  for (const origin of ["https://evil.example", "null"]) {
    const headers = { origin, host };
    expect((await owner.worker.fetch("/connections", { ...post, headers })).status).toBe(403);
  }
  const headers = { origin: withTokens.origin, host };
  expect((await owner.worker.fetch("/connections", { ...post, headers })).status).toBe(303);
  expect((await owner.readStore()).size).toBe(0);
});

test("a stack without personal tokens has no route, no metadata and no form, and takes none", async () => {
  const token = await new TokenOwner().make();
  const { personal: _none, ...tokens } = withTokens.tokens;
  const owner = new TokenOwner(toStack({ tokens }));
  expect((await owner.ask()).status).toBe(400);
  for (const path of ["/connections", "/connections?new=token"]) {
    expect(await (await owner.visit(undefined, path)).text()).not.toContain("New token");
  }
  const { status, challenge } = await owner.worker.call(token);
  expect(status).toBe(401);
  expect(challenge).toContain("resource_metadata");
  expect(listReads(owner).filter((read) => read.startsWith("get personal"))).toEqual([]);
  for (const path of [
    "/personal-tokens",
    "/.well-known/oauth-protected-resource/personal-tokens",
  ]) {
    const { host } = new URL(withTokens.origin);
    expect((await owner.worker.fetch(path, { headers: { host } })).status).toBe(404);
  }
  const metadata = await owner.worker.fetch("/.well-known/oauth-authorization-server");
  expect(await metadata.text()).not.toContain("personal");
});
