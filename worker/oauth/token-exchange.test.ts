import { createExecutionContext, reset } from "cloudflare:test";
import { afterEach, expect, test } from "vitest";
import { pkce } from "../../tests/support/pkce.ts";
import { workerEnv } from "../../tests/support/worker/worker-env.ts";
import { workerSettings } from "../../tests/support/worker-settings.ts";
import type { WorkerSettings } from "../env.ts";
import type { PersonProps } from "../mcp/caller.ts";
import { createAuthorizationServer } from "./authorization-server.ts";

const redirectUri = "http://localhost:9999/callback";
const open: WorkerSettings = {
  ...workerSettings,
  identity: { method: "github", githubClientId: "app" },
};
const onlyEve: WorkerSettings = {
  ...open,
  allowed: { ...open.allowed, emails: ["eve@acme.example"] },
};

afterEach(() => reset());

/** A refresh token of a grant with these props, and a way to use it under any settings. */
async function makeGrant(props: PersonProps, scope = ["demo:profile"]) {
  const server = createAuthorizationServer(open);
  const oauth = server.getOAuthApi(workerEnv);
  const { clientId } = await oauth.createClient({
    redirectUris: [redirectUri],
    tokenEndpointAuthMethod: "none",
    grantTypes: ["authorization_code", "refresh_token"],
  });
  const asked = new URL(`${open.origin}/authorize`);
  asked.search = new URLSearchParams({
    response_type: "code",
    client_id: clientId,
    redirect_uri: redirectUri,
    code_challenge: pkce.challenge,
    code_challenge_method: "S256",
  }).toString();
  const request = await oauth.parseAuthRequest(new Request(asked));
  const { redirectTo } = await oauth.completeAuthorization({
    request,
    userId: props.userId,
    metadata: {},
    scope,
    props,
  });
  const ask = async (settings: WorkerSettings, fields: Record<string, string>) => {
    const body = new URLSearchParams({ client_id: clientId, ...fields });
    const response = await createAuthorizationServer(settings).fetch(
      new Request(`${open.origin}/token`, { method: "POST", body }),
      workerEnv,
      createExecutionContext(),
    );
    return { status: response.status, body: (await response.json()) as Record<string, string> };
  };
  const first = await ask(open, {
    grant_type: "authorization_code",
    code: new URL(redirectTo).searchParams.get("code") ?? "",
    redirect_uri: redirectUri,
    code_verifier: pkce.verifier,
  });
  let current = first.body.refresh_token ?? "";
  return async (settings: WorkerSettings, fields: Record<string, string> = {}) => {
    const refresh = { grant_type: "refresh_token", refresh_token: current, ...fields };
    const answer = await ask(settings, refresh);
    current = answer.body.refresh_token ?? current;
    return answer;
  };
}

test("a person whom the stack no longer lets in is signed out at the next refresh, for good", async () => {
  const props = {
    userId: "ada",
    method: "github",
    email: "ada@acme.example",
    isEmailVerified: true,
  };
  const refresh = await makeGrant(props);
  expect(await refresh(onlyEve)).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
  expect((await workerEnv.OAUTH_KV.list({ prefix: "grant:" })).keys).toEqual([]);
  expect((await refresh(open)).status).toBe(400);
});

test("a grant from before allow-lists were asked at a refresh goes on", async () => {
  const refresh = await makeGrant({ userId: "ada", method: "github" });
  expect((await refresh(open)).status).toBe(200);
});

test("after a move to another issuer no grant of the old one goes on, whoever it names", async () => {
  const toOidc = (oidcIssuer: string): WorkerSettings => ({
    ...open,
    identity: { method: "oidc", oidcIssuer, oidcClientId: "app" },
  });
  const authority = "https://old.example";
  const refresh = await makeGrant({ userId: "ada", method: "oidc", authority });
  expect((await refresh(toOidc(authority))).status).toBe(200);
  const again = await makeGrant({ userId: "ada", method: "oidc", authority });
  expect(await again(toOidc("https://new.example"))).toMatchObject({
    status: 400,
    body: { error: "invalid_grant" },
  });
});

/** A stack in which everybody may have one scope, and a group two more. */
const byGroup: WorkerSettings = {
  ...open,
  scopesByGroup: { "*": ["demo:use"], acme: ["demo:read", "demo:write"] },
};

test("a refresh gives what the person's groups may have, and the rest again once they may", async () => {
  const scope = ["demo:use", "demo:write"];
  const refresh = await makeGrant({ userId: "ada", method: "github" }, scope);
  expect((await refresh(byGroup)).body.scope).toBe("demo:use");
  // Only what is left of the request, too.
  const asked = await refresh(byGroup, { scope: "demo:write" });
  expect(asked).toMatchObject({ status: 400, body: { error: "invalid_scope" } });
  const widened = { ...byGroup, scopesByGroup: { "*": scope } };
  expect((await refresh(widened)).body.scope).toBe("demo:use demo:write");
});

test("a person in the group has its scopes, and a refresh cannot ask for more than was allowed", async () => {
  const props = { userId: "ada", method: "github", groups: ["acme"] };
  const refresh = await makeGrant(props, ["demo:use", "demo:write"]);
  const answer = await refresh(byGroup, { scope: "demo:write demo:read" });
  expect(answer.body.scope).toBe("demo:write");
});

test("a grant of which the person may have nothing any more ends", async () => {
  const refresh = await makeGrant({ userId: "ada", method: "github" }, ["demo:write"]);
  expect(await refresh(byGroup)).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
  expect((await workerEnv.OAUTH_KV.list({ prefix: "grant:" })).keys).toEqual([]);
});
