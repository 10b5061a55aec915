import { createExecutionContext, reset } from "cloudflare:test";
import { OAuthAuthorizationServer } from "@cloudflare/workers-oauth-provider";
import { afterEach, expect, test } from "vitest";
import { features } from "../../tests/fixture/features.ts";
import { pkce } from "../../tests/support/pkce.ts";
import { workerEnv } from "../../tests/support/worker/worker-env.ts";
import { workerSettings } from "../../tests/support/worker-settings.ts";
import { createApp } from "../app.ts";
import type { WorkerEnv, WorkerSettings } from "../env.ts";
import { createAuthorizationServer } from "./authorization-server.ts";

const { origin } = workerSettings;
const redirectUri = "http://localhost:9999/callback";
const userId = "ada-ada-ada-ada-ada-22";
const person = { userId, method: "demo", email: "ada@example.com" };

afterEach(() => reset());

/** Tokens that another program gave out over the same KV namespace. */
async function signInElsewhere(props: object) {
  const other = new OAuthAuthorizationServer<WorkerEnv>({
    issuer: origin,
    tokenEndpoint: `${origin}/token`,
    resources: [`${origin}/mcp`],
    scopesSupported: ["demo:profile"],
  });
  const oauth = other.getOAuthApi(workerEnv);
  const { clientId } = await oauth.createClient({
    redirectUris: [redirectUri],
    tokenEndpointAuthMethod: "none",
    grantTypes: ["authorization_code", "refresh_token"],
  });
  const asked = new URL(`${origin}/authorize`);
  asked.search = new URLSearchParams({
    response_type: "code",
    client_id: clientId,
    redirect_uri: redirectUri,
    code_challenge: pkce.challenge,
    code_challenge_method: "S256",
  }).toString();
  const request = await oauth.parseAuthRequest(new Request(asked));
  const scope = ["demo:profile"];
  const { redirectTo } = await oauth.completeAuthorization({
    request,
    userId,
    metadata: {},
    scope,
    props,
  });
  const body = new URLSearchParams({
    client_id: clientId,
    grant_type: "authorization_code",
    code: new URL(redirectTo).searchParams.get("code") ?? "",
    redirect_uri: redirectUri,
    code_verifier: pkce.verifier,
  });
  const answer = await other.fetch(
    new Request(`${origin}/token`, { method: "POST", body }),
    workerEnv,
    createExecutionContext(),
  );
  const tokens = (await answer.json()) as { access_token: string; refresh_token: string };
  return { clientId, ...tokens };
}

/** Takes the resource off every grant and token, which older libraries did not know. */
async function forgetResources(): Promise<void> {
  const { keys } = await workerEnv.OAUTH_KV.list();
  for (const { name } of keys.filter((key) => /^(grant|token):/.test(key.name))) {
    const { resource, audience, ...record } = (await workerEnv.OAUTH_KV.get(
      name,
      "json",
    )) as Record<string, unknown>;
    expect(resource ?? audience).toBeTypeOf("string");
    await workerEnv.OAUTH_KV.put(name, JSON.stringify(record));
  }
}

/** Asks an endpoint with a token. */
function call(settings: WorkerSettings, path: "/mcp" | "/sse", token: string) {
  const request = new Request(`${origin}${path}`, {
    method: "POST",
    headers: {
      host: new URL(origin).host,
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" }),
  });
  const ctx = createExecutionContext();
  return createApp(settings, features)
    .route(path)
    .answer({ request, url: new URL(request.url), env: workerEnv, ctx });
}

function legacy(legacyGrantResource: "mcp" | "sse"): WorkerSettings {
  return { ...workerSettings, tokens: { ...workerSettings.tokens, legacyGrantResource } };
}

test("a grant that names no resource opens the endpoint of the setting, and none without it", async () => {
  const { access_token: token } = await signInElsewhere(person);
  await forgetResources();
  expect((await call(workerSettings, "/mcp", token)).status).toBe(401);
  expect((await call(legacy("mcp"), "/mcp", token)).status).toBe(200);
  expect((await call(legacy("mcp"), "/sse", token)).status).toBe(401);
  expect((await call(legacy("sse"), "/sse", token)).status).toBe(200);
});

test("a grant that holds its person in another program's words leads to a sign-in", async () => {
  const login = await signInElsewhere({ userEmail: "ada@example.com" });
  for (const path of ["/mcp", "/sse"] as const) {
    const refused = await call(workerSettings, path, login.access_token);
    expect(refused.status).toBe(401);
    expect(refused.headers.get("www-authenticate")).toContain("invalid_token");
  }
  const body = new URLSearchParams({
    client_id: login.clientId,
    grant_type: "refresh_token",
    refresh_token: login.refresh_token,
  });
  const renewed = await createAuthorizationServer(workerSettings).fetch(
    new Request(`${origin}/token`, { method: "POST", body }),
    workerEnv,
    createExecutionContext(),
  );
  expect(renewed.status).toBe(400);
  expect(await renewed.json()).toMatchObject({ error: "invalid_grant" });
});
