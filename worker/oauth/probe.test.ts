import { createExecutionContext, reset } from "cloudflare:test";
import { afterEach, expect, test, vi } from "vitest";
import { features } from "../../tests/fixture/features.ts";
import { pkce } from "../../tests/support/pkce.ts";
import { workerEnv } from "../../tests/support/worker/worker-env.ts";
import { workerSettings as settings } from "../../tests/support/worker-settings.ts";
import type { WorkerEnv } from "../env.ts";
import { createAuthorizationServer } from "./authorization-server.ts";
import { handleProbe } from "./probe.ts";

const secret = "probe-secret-of-this-stack";
const probeEnv: WorkerEnv = { ...workerEnv, PROBE_SECRET: secret };

afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

function leaveUnchanged(_url: URL): void {}

async function probe(
  { token = secret, method = "POST", change = leaveUnchanged },
  bindings = probeEnv,
) {
  const server = createAuthorizationServer(settings, features);
  const oauth = server.getOAuthApi(bindings);
  const redirectUri = "http://localhost:9999/callback";
  const { clientId } = await oauth.createClient({
    redirectUris: [redirectUri],
    tokenEndpointAuthMethod: "none",
  });
  const url = new URL(`${settings.origin}/probe`);
  url.search = new URLSearchParams({
    response_type: "code",
    client_id: clientId,
    redirect_uri: redirectUri,
    state: "s",
    scope: "demo:use demo:profile demo:write",
    code_challenge: pkce.challenge,
    code_challenge_method: "S256",
  }).toString();
  change(url);
  const headers = { ...(token !== "" && { authorization: `Bearer ${token}` }) };
  const request = new Request(url, { method, headers });
  const ctx = createExecutionContext();
  const response = await handleProbe({ request, env: bindings, settings, features, oauth, ctx });
  return { response, redirectUri, clientId, server };
}

async function countGrants(): Promise<number> {
  return (await workerEnv.OAUTH_KV.list({ prefix: "grant:" })).keys.length;
}

test("the probe's secret gets a code for one scope that only reads, and no session", async () => {
  const log = vi.spyOn(console, "log");
  const { response, redirectUri, clientId, server } = await probe({});
  expect(response.status, await response.clone().text()).toBe(200);
  expect(response.headers.get("set-cookie")).toBeNull();
  expect(response.headers.get("cache-control")).toBe("no-store");
  const { redirect_to: redirectTo } = (await response.json()) as { redirect_to: string };
  const back = new URL(redirectTo);
  expect(back.origin + back.pathname).toBe(redirectUri);
  expect(back.searchParams.get("state")).toBe("s");
  const token = await server.fetch(
    new Request(`${settings.origin}/token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "authorization_code",
        code: back.searchParams.get("code") ?? "",
        client_id: clientId,
        redirect_uri: redirectUri,
        code_verifier: pkce.verifier,
      }),
    }),
    probeEnv,
    createExecutionContext(),
  );
  expect(await token.json()).toMatchObject({ scope: "demo:profile" });
  expect(log.mock.calls.join("\n")).toContain('{"event":"probe","outcome":"granted"}');
  expect(log.mock.calls.join("\n")).not.toContain(secret);
});

const set = (name: string, value: string) => (url: URL) => url.searchParams.set(name, value);

test.each([
  ["no secret", { token: "" }, 401, "invalid_token"],
  ["a wrong secret", { token: `${secret}x` }, 401, "invalid_token"],
  ["an unknown client", { change: set("client_id", "x") }, 400, "Invalid client_id"],
  [
    "a foreign redirect URI",
    { change: set("redirect_uri", "https://e.example/") },
    400,
    "redirect",
  ],
  [
    "a client id that must not be fetched",
    { change: set("client_id", "https://10.0.0.1/c") },
    400,
    "invalid_client",
  ],
  ["a plain challenge", { change: set("code_challenge_method", "plain") }, 400, "PKCE"],
  ["another resource", { change: set("resource", "https://e.example/mcp") }, 400, "invalid_target"],
])("%s gets no code", async (_name, options, status, reason) => {
  const { response } = await probe(options);
  expect(response.status).toBe(status);
  expect(await response.text()).toContain(reason);
  expect(await countGrants()).toBe(0);
});

test("only a POST is a probe", async () => {
  const { response } = await probe({ method: "GET" });
  expect(response.status).toBe(405);
  expect(response.headers.get("allow")).toBe("POST");
});

test("without a secret in the stack there is no probe, whatever one sends", async () => {
  expect((await probe({}, workerEnv)).response.status).toBe(404);
  expect((await probe({ token: "" }, { ...workerEnv, PROBE_SECRET: "" })).response.status).toBe(
    404,
  );
});

test("guesses are counted", async () => {
  const full = { limit: async () => ({ success: false }) };
  const { response } = await probe({}, { ...probeEnv, SIGN_IN_LIMIT: full });
  expect(response.status).toBe(429);
  expect(response.headers.get("retry-after")).toBe("60");
  expect(await countGrants()).toBe(0);
});
