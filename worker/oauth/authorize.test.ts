import { createExecutionContext, env, reset } from "cloudflare:test";
import { afterEach, expect, test } from "vitest";
import { workerSettings as settings, workerBindings } from "../../tests/support/worker-settings.ts";
import type { WorkerEnv } from "../env.ts";
import { createAuthorizationServer } from "./authorization-server.ts";
import { handleAuthorize } from "./authorize.ts";

const workerEnv = { ...(env as unknown as WorkerEnv), ...workerBindings };

afterEach(() => reset());

/** Sends a form to the URL it stood at, as the browser of a person does. */
async function post(url: string, cookie: string, fields: Record<string, string>) {
  const headers = { cookie, origin: settings.origin };
  return open(new Request(url, { method: "POST", headers, body: new URLSearchParams(fields) }));
}

function open(request: Request): Promise<Response> {
  const oauth = createAuthorizationServer(settings).getOAuthApi(workerEnv);
  return handleAuthorize({
    request,
    env: workerEnv,
    settings,
    oauth,
    ctx: createExecutionContext(),
  });
}

/** A person on the consent page: its URL, the cookies of the browser and the form's values. */
async function reachConsent() {
  const oauth = createAuthorizationServer(settings).getOAuthApi(workerEnv);
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
    code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    code_challenge_method: "S256",
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
  const handles = await listKeys("transaction:");
  expect(handles).toHaveLength(1);
  // Ten minutes later Workers KV has dropped it.
  for (const name of handles) await workerEnv.OAUTH_KV.delete(name);

  const answer = await post(url, cookie, { ...form, decision: "approve" });
  expect(answer.status).toBe(400);
  expect(answer.headers.get("location")).toBeNull();
  const words = await answer.text();
  expect(words).toContain("This answer allowed nothing");
  expect(words).toContain("start again from the app");
  expect(await listKeys("grant:")).toEqual([]);
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
