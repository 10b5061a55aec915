import { reset } from "cloudflare:test";
import { afterEach, expect, test } from "vitest";
import { OAuthWorker } from "../../../tests/support/worker/oauth-worker.ts";
import { TokenOwner } from "../../../tests/support/worker/token-owner.ts";
import { settingsWithTokens as withTokens } from "../../../tests/support/worker-settings.ts";
import type { MadeToken } from "./create.ts";
import { managePath, manageScope } from "./manage-scope.ts";

afterEach(() => reset());

const { host } = new URL(withTokens.origin);

/** Sends a request with a token to where tokens are managed. */
async function manage(
  worker: OAuthWorker,
  token: string,
  { method = "GET", query = "", body }: { method?: string; query?: string; body?: unknown } = {},
) {
  const answer = await worker.fetch(`${managePath}${query}`, {
    method,
    headers: { host, authorization: `Bearer ${token}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text && JSON.parse(text) };
}

/** The access token of a program that its person allowed to manage their tokens. */
async function allow(worker: OAuthWorker): Promise<string> {
  const { tokens } = await worker.logIn({ path: managePath, scope: [manageScope] });
  return tokens.access_token;
}

test("a program that its person allowed it makes a token, lists it and ends it", async () => {
  const worker = new OAuthWorker(withTokens);
  const access = await allow(worker);
  const body = { name: "Deploys", scopes: ["demo:use"] };
  const made = await manage(worker, access, { method: "POST", body });
  expect(made.status).toBe(201);
  expect(made.headers.get("cache-control")).toBe("no-store");
  const { token, id, expiresAt } = made.body as MadeToken;
  expect(Math.round((expiresAt - Date.now() / 1000) / 86_400)).toBe(30);
  expect((await worker.call(token)).status).toBe(200);

  const listed = await manage(worker, access);
  expect(listed.body).toMatchObject({
    tokens: [{ id, name: "Deploys", scopes: ["demo:use"], resource: `${withTokens.origin}/mcp` }],
  });
  expect(JSON.stringify(listed.body)).not.toContain(token);
  const ended = await manage(worker, access, { method: "DELETE", query: `?id=${id}` });
  expect(ended).toMatchObject({ status: 200, body: { id } });
  expect((await worker.call(token)).status).toBe(401);
  const again = await manage(worker, access, { method: "DELETE", query: `?id=${id}` });
  expect(again.status).toBe(404);
});

test("what is wrong is said by field, and no token is made", async () => {
  const worker = new OAuthWorker(withTokens);
  const access = await allow(worker);
  for (const [body, words] of [
    [undefined, "The token: "],
    [[], "The token: "],
    [{ scopes: ["demo:use"] }, "name: It needs a name."],
    [{ name: "A", scopes: "demo:use" }, "scopes: Name what it may do."],
    [{ name: "A", scopes: ["demo:use"], days: 91 }, "days: This server allows 90 days at most."],
    [{ name: "A", scopes: [manageScope] }, `scopes: You cannot give "${manageScope}".`],
  ] as const) {
    const { status, body: answer } = await manage(worker, access, { method: "POST", body });
    expect(status).toBe(400);
    expect(answer).toEqual({ problem: expect.stringContaining(words) });
  }
  expect((await manage(worker, access, { method: "PUT" })).headers.get("allow")).toContain(
    "DELETE",
  );
  expect((await manage(worker, access)).body).toEqual({ tokens: [] });
});

test("neither a token of an MCP endpoint nor a personal one manages tokens, and that of a manager calls no tool", async () => {
  const owner = new TokenOwner();
  const { worker } = owner;
  const { tokens } = await worker.logIn();
  for (const token of [tokens.access_token, await owner.make()]) {
    expect((await manage(worker, token)).status).toBe(401);
  }
  // Consent offers the one scope only; this holds for a grant that came another way.
  const other = await worker.logIn({ path: managePath });
  expect((await manage(worker, other.tokens.access_token)).status).toBe(403);
  expect((await worker.call(await allow(worker))).status).toBe(401);
});

test("no connection becomes one that manages tokens: not by a scope, nor by a resource at its refresh", async () => {
  const worker = new OAuthWorker(withTokens);
  const { clientId, tokens } = await worker.logIn({ scope: ["demo:use", manageScope] });
  expect((await manage(worker, tokens.access_token)).status).toBe(401);
  const resource = `${withTokens.origin}${managePath}`;
  const wider = await worker.refresh(clientId, tokens.refresh_token, { resource });
  expect(wider.status).toBe(400);
  expect(wider.access_token).toBeUndefined();
});

test("a person whom the stack lets in no more makes no token, though their program has one", async () => {
  const access = await allow(new OAuthWorker(withTokens));
  const allowed = { emails: ["eve@example.com"], domains: [], organizations: [] };
  const closed = new OAuthWorker({ ...withTokens, allowed });
  expect((await manage(closed, access)).status).toBe(403);
});
