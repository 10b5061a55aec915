import {
  createExecutionContext,
  listDurableObjectIds,
  reset,
  runInDurableObject,
} from "cloudflare:test";
import { afterEach, expect, test, vi } from "vitest";
import { features } from "../../../tests/fixture/features.ts";
import { pkce } from "../../../tests/support/pkce.ts";
import { workerEnv } from "../../../tests/support/worker/worker-env.ts";
import { workerSettings as settings } from "../../../tests/support/worker-settings.ts";
import { createAuthorizationServer } from "../authorization-server.ts";
import { findAnswers, withTransactions } from "../transactions/store.ts";
import { handleAuthorize } from "./authorize.ts";

afterEach(() => {
  vi.restoreAllMocks();
  return reset();
});

/** Sends a form to the URL it stood at, as the browser of a person does. */
async function post(url: string, cookie: string, fields: Record<string, string> | URLSearchParams) {
  const headers = { cookie, origin: settings.origin };
  return open(new Request(url, { method: "POST", headers, body: new URLSearchParams(fields) }));
}

function open(request: Request): Promise<Response> {
  const oauth = createAuthorizationServer(settings, features).getOAuthApi(
    withTransactions(workerEnv),
  );
  return handleAuthorize({
    request,
    env: workerEnv,
    settings,
    features,
    oauth,
    ctx: createExecutionContext(),
  });
}

/** A person on the consent page: its URL, the cookies of the browser and the form's values. */
async function reachConsent(more: Record<string, string> = {}) {
  const oauth = createAuthorizationServer(settings, features).getOAuthApi(workerEnv);
  const redirectUri = "http://localhost:9999/callback";
  const { clientId } = await oauth.createClient({
    clientName: "Test",
    redirectUris: [redirectUri],
    tokenEndpointAuthMethod: "none",
  });
  const query = new URLSearchParams({
    response_type: "code",
    client_id: clientId,
    redirect_uri: redirectUri,
    code_challenge: pkce.challenge,
    code_challenge_method: "S256",
    ...more,
  });
  const url = `${settings.origin}/authorize?${query}`;
  const person = { step: "sign-in", email: "ada@example.com", password: "x" };
  const session = readCookie(await post(url, "", person));
  const page = await open(new Request(url, { headers: { cookie: session } }));
  const html = await page.text();
  const value = (name: string) =>
    new RegExp(`name="${name}" value="([^"]+)"`).exec(html)?.[1] ?? "";
  const cookie = `${session}; ${readCookie(page)}`;
  return {
    url,
    cookie,
    form: {
      step: "consent",
      handle: value("handle"),
      person: value("person"),
      scope: value("scope"),
    },
  };
}

function readCookie(response: Response): string {
  return response.headers.get("set-cookie")?.split(";")[0] ?? "";
}

async function listKeys(prefix: string): Promise<string[]> {
  return (await workerEnv.OAUTH_KV.list({ prefix })).keys.map(({ name }) => name);
}

test("a consent page that expired grants nothing and says how to go on", async () => {
  const { url, cookie, form } = await reachConsent();
  const { now } = Date;
  vi.spyOn(Date, "now").mockImplementation(() => now() + 600_000);

  const answer = await post(url, cookie, { ...form, decision: "approve" });
  expect(answer.status).toBe(400);
  expect(answer.headers.get("location")).toBeNull();
  const words = await answer.text();
  expect(words).toContain("This answer allowed nothing");
  expect(words).toContain("start again from the app");
  expect(await listKeys("grant:")).toEqual([]);
});

test("a page that waits is stored nowhere, and its answer is noted where it was shown", async () => {
  const pages = workerEnv.TRANSACTIONS as never;
  // Files share one runtime, and an object of another file may still be there.
  const before = (await listDurableObjectIds(pages)).map(String);
  const list = async () =>
    (await listDurableObjectIds(pages)).map(String).filter((id) => !before.includes(id));
  const first = await reachConsent();
  const second = await reachConsent();
  expect(await list()).toEqual([]);
  expect(await listKeys("transaction:")).toEqual([]);
  for (const { url, cookie, form } of [first, second]) {
    const answers = await Promise.all(
      [1, 2].map(() => post(url, cookie, { ...form, decision: "approve" })),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([303, 400]);
  }
  // Nobody says where the pages were shown.
  const [, , until] = (first.form.handle ?? "").split(".");
  const answered = findAnswers(workerEnv, { place: "", until: Number(until) });
  const noted = await runInDurableObject(answered as never, async (_object, { storage }) =>
    [...storage.kv.list()].map(([name]) => name),
  );
  expect(noted).toEqual([
    expect.stringMatching(/^used:\d{13}:[0-9a-f]{64}$/),
    expect.stringMatching(/^used:\d{13}:[0-9a-f]{64}$/),
  ]);
  expect(await listKeys("grant:")).toHaveLength(2);
});

test("a person whose sign-in ended is asked again, and the consent page still works", async () => {
  const { url, cookie, form } = await reachConsent();
  const consentCookie = cookie.split("; ")[1] ?? "";
  const answer = await post(url, consentCookie, { ...form, decision: "approve" });
  expect(answer.status).toBe(303);
  expect(answer.headers.get("location")).toBe(url);
  expect(await listKeys("grant:")).toEqual([]);

  const approved = await post(url, cookie, { ...form, decision: "approve" });
  expect(approved.headers.get("location")).toMatch(/^http:\/\/localhost:9999\/callback\?code=/);
  expect(await listKeys("grant:")).toHaveLength(1);
});

test("what the page showed is what is granted, whatever the address says that the form is posted to", async () => {
  const oauth = createAuthorizationServer(settings, features).getOAuthApi(workerEnv);
  const { url, cookie, form } = await reachConsent({ scope: "demo:use", state: "shown" });
  const other = new URL(url);
  const changes = {
    scope: "demo:use demo:profile demo:write",
    state: "other",
    redirect_uri: "http://localhost:1/callback",
    resource: `${settings.origin}/sse`,
    code_challenge: "other-challenge".padEnd(43, "x"),
  };
  for (const [name, value] of Object.entries(changes)) other.searchParams.set(name, value);
  const wide = new URLSearchParams({ ...form, decision: "approve" });
  for (const scope of ["demo:profile", "demo:write"]) wide.append("scope", scope);
  const answer = await post(other.href, cookie, wide);
  const sentTo = new URL(answer.headers.get("location") ?? "");
  expect(sentTo.href).toMatch(/^http:\/\/localhost:9999\/callback\?code=/);
  expect(sentTo.searchParams.get("state")).toBe("shown");
  const [key = ""] = await listKeys("grant:");
  expect(await workerEnv.OAUTH_KV.get(key, "json")).toMatchObject({
    scope: ["demo:use"],
    redirectUri: "http://localhost:9999/callback",
    resource: `${settings.origin}/mcp`,
    codeChallenge: new URL(url).searchParams.get("code_challenge"),
  });

  // The page of one client is no answer to another.
  const first = await reachConsent();
  const second = await oauth.createClient({
    clientName: "Other",
    redirectUris: ["http://localhost:9999/callback"],
    tokenEndpointAuthMethod: "none",
  });
  const foreign = new URL(first.url);
  foreign.searchParams.set("client_id", second.clientId);
  const refused = await post(foreign.href, first.cookie, { ...first.form, decision: "approve" });
  expect(refused.status).toBe(400);
  expect(await listKeys("grant:")).toHaveLength(1);
});
