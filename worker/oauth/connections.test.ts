import { createExecutionContext, reset } from "cloudflare:test";
import { afterEach, expect, test } from "vitest";
import budgets from "../../tests/bench/budgets.json" with { type: "json" };
import { features } from "../../tests/fixture/features.ts";
import { workerEnv } from "../../tests/support/worker/worker-env.ts";
import { workerSettings as settings } from "../../tests/support/worker-settings.ts";
import type { WorkerEnv, WorkerSettings } from "../env.ts";
import { rememberSignIn } from "../identity/signed-in.ts";
import { deriveUserId } from "../identity/subject.ts";
import { listScopes } from "../mcp/scopes.ts";
import { createAuthorizationServer } from "./authorization-server.ts";
import { handleConnections } from "./connections.ts";

const ada = { method: "demo", issuer: "demo", subject: "ada@example.com" };
const userId = await deriveUserId(workerEnv.SUBJECT_KEY, ada);
const day = 86_400;
const now = Math.floor(Date.now() / 1000);

afterEach(() => reset());

/** Writes a grant as the OAuth library does. */
async function putGrant(id: string, fields: object = {}): Promise<void> {
  const grant = {
    id,
    userId,
    clientId: `client-of-${id}`,
    scope: ["demo:use"],
    metadata: { clientName: id, redirectHost: "chat.example", lastUsed: "2026-07-28" },
    createdAt: now - day,
    resource: `${settings.origin}/mcp`,
    redirectUri: "https://chat.example/callback",
    ...fields,
  };
  await workerEnv.OAUTH_KV.put(`grant:${userId}:${id}`, JSON.stringify(grant));
}

interface Visit {
  readonly path?: string;
  readonly form?: Readonly<Record<string, string>>;
  readonly settings?: WorkerSettings;
  readonly env?: WorkerEnv;
}

/** Ada's browser opens the page, or sends its form. */
async function visit(options: Visit = {}): Promise<Response> {
  const { path = "/connections", form } = options;
  const cookie = await rememberSignIn(ada, "demo", workerEnv.SESSION_KEYS);
  const headers = { cookie, origin: settings.origin };
  const request = new Request(`${settings.origin}${path}`, {
    headers,
    ...(form && { method: "POST", body: new URLSearchParams(form) }),
  });
  return handleConnections({
    request,
    env: options.env ?? workerEnv,
    settings: options.settings ?? settings,
    features,
    oauth: createAuthorizationServer(settings, features).getOAuthApi(workerEnv),
    ctx: createExecutionContext(),
  });
}

async function readNames(response: Response): Promise<string[]> {
  const html = await response.text();
  return [...html.matchAll(/<h2><bdi>(.*?)<\/bdi>/g)].map(([, name = ""]) => name);
}

async function countGrants(): Promise<number> {
  return (await workerEnv.OAUTH_KV.list({ prefix: `grant:${userId}:` })).keys.length;
}

test("the newest comes first; what has expired is not shown", async () => {
  await putGrant("old", { createdAt: now - 9 * day });
  await putGrant("new", { createdAt: now, expiresAt: now + day });
  await putGrant("gone", { expiresAt: now - 1 });
  expect(await readNames(await visit())).toEqual(["new", "old"]);
});

test("a grant that says nothing of its client is shown by what else is known", async () => {
  await putGrant("bare", { metadata: {}, redirectUri: "https://old.example/back" });
  await putGrant("older", { metadata: null, redirectUri: undefined, resource: undefined });
  await putGrant("false", { metadata: { clientName: 7, lastUsed: "<b>" } });
  const page = await visit();
  expect(page.status).toBe(200);
  const html = await page.clone().text();
  expect(html).toContain("Returns to old.example");
  expect(html).not.toContain("<b>");
  expect((await readNames(page)).toSorted()).toEqual([
    "client-of-bare",
    "client-of-false",
    "client-of-older",
  ]);
});

test("who stands behind a client is said: a domain, the stack's settings, or nobody", async () => {
  const metadata = { clientName: "Claude", redirectHost: "localhost", lastUsed: "2026-07-28" };
  await putGrant("document", { metadata: { ...metadata, clientDomain: "claude.ai" } });
  await putGrant("known");
  const client = {
    clientId: "client-of-known",
    name: "Known",
    redirectUris: ["https://a.example"],
  };
  const clients = { ...settings.clients, preRegistered: [client] };
  const html = await (await visit({ settings: { ...settings, clients } })).text();
  expect(html).toContain('<strong class="domain">claude.ai</strong>');
  expect(html).toContain("Set up by whoever runs this server");
  expect(await (await visit()).text()).toContain("Unverified");
});

test("hundreds of connections come in small pages and end with one press", async () => {
  const ids = Array.from({ length: 230 }, (_, index) => `grant${index}`);
  for (const [index, id] of ids.entries()) {
    const long = { clientName: "n".repeat(61), redirectHost: "long.host.example".repeat(3) };
    const metadata = { ...long, clientDomain: "claude.ai", lastUsed: "2026-07-28" };
    await putGrant(id, { createdAt: now - index, scope: listScopes(features.scopes), metadata });
  }
  const readIds = async (query = "") => {
    const html = await (await visit({ path: `/connections${query}` })).text();
    expect(html.length).toBeLessThan(budgets.pages.pageBytes);
    return [...html.matchAll(/name="grant" value="(.*?)"/g)].map(([, id]) => id);
  };
  expect(await (await visit()).text()).toContain("Page 1 of 29");
  expect(await readIds()).toEqual(ids.slice(0, 8));
  expect(await readIds("?page=29")).toEqual(ids.slice(224));
  expect(await readIds("?page=99")).toEqual(ids.slice(224));
  expect(await readIds("?page=0")).toEqual(ids.slice(0, 8));
  expect(await readIds("?page=x")).toEqual(ids.slice(0, 8));

  const ended = await visit({ form: { step: "end-all", person: userId } });
  expect(ended.status).toBe(303);
  expect(ended.headers.get("location")).toBe("/connections?ended=230&failed=0");
  expect(await countGrants()).toBe(0);
  // 230 gates are opened.
}, 900_000);

test("one that cannot be ended is told, and does not keep the others", async () => {
  for (const id of ["a", "b", "c"]) await putGrant(id);
  // The gate of one of them cannot be reached.
  const gates = workerEnv.TOKEN_GATES;
  const failing = new Proxy(gates, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        if (name === "idFromName" && args[0] === `${userId}:b`) throw new Error("It is down");
        return Reflect.apply(member, target, args) as unknown;
      };
    },
  });
  const answer = await visit({
    form: { step: "end-all", person: userId },
    env: { ...workerEnv, TOKEN_GATES: failing },
  });
  const path = answer.headers.get("location") ?? "";
  expect(path).toBe("/connections?ended=2&failed=1");
  const page = await visit({ path });
  const words = "2 apps are disconnected. 1 could not be disconnected: try again in a minute.";
  expect(await page.clone().text()).toContain(words);
  expect(await readNames(page)).toEqual(["b"]);
});

test("what the page says of the end of a connection follows the setting", async () => {
  const strict = { ...settings, tokens: { ...settings.tokens, strictRevocation: true } };
  expect(await (await visit()).text()).toContain("may use what it has for about a minute more");
  expect(await (await visit({ settings: strict })).text()).toContain("stops everywhere at once");
});

test("a wrong count in the address says nothing", async () => {
  for (const query of [
    "ended=<b>&failed=0",
    "ended=1",
    "ended=-1&failed=0",
    "ended=1e9&failed=1",
  ]) {
    const html = await (await visit({ path: `/connections?${query}` })).text();
    expect(html, query).not.toContain('role="status"');
  }
});

test("signing in here is limited as it is for a client", async () => {
  const none = { limit: async () => ({ success: false }) };
  const form = { step: "sign-in", email: "ada@example.com", password: "x" };
  const answer = await visit({ form, env: { ...workerEnv, SIGN_IN_LIMIT: none } });
  expect(answer.status).toBe(429);
  expect(answer.headers.get("retry-after")).toBe("60");
});

test("where people sign in elsewhere, a button leads there; where Access does it, it has to", async () => {
  const oidc = { method: "oidc", oidcIssuer: "https://idp.example", oidcClientId: "id" } as const;
  const elsewhere = await visit({ settings: { ...settings, identity: oidc } });
  expect(await elsewhere.text()).toMatch(/<button type="submit">Sign in with .+<\/button>/);
  const access = { method: "access", accessTeamDomain: "acme.cloudflareaccess.com" } as const;
  const refused = await visit({ settings: { ...settings, identity: access } });
  expect(refused.status).toBe(403);
  expect(await refused.text()).toContain("Cloudflare Access did not sign you in");
});

test("other methods than GET and POST are refused, and so is a form without a step", async () => {
  expect((await visit({ form: { person: userId } })).status).toBe(400);
  const request = new Request(`${settings.origin}/connections`, { method: "DELETE" });
  const oauth = createAuthorizationServer(settings, features).getOAuthApi(workerEnv);
  const ctx = createExecutionContext();
  const answer = await handleConnections({
    request,
    env: workerEnv,
    settings,
    features,
    oauth,
    ctx,
  });
  expect(answer.status).toBe(405);
});
