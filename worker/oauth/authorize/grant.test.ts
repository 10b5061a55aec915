import { createExecutionContext, reset } from "cloudflare:test";
import { afterEach, expect, test } from "vitest";
import { features } from "../../../tests/fixture/features.ts";
import { pkce } from "../../../tests/support/pkce.ts";
import { workerEnv } from "../../../tests/support/worker/worker-env.ts";
import { workerSettings } from "../../../tests/support/worker-settings.ts";
import type { WorkerSettings } from "../../env.ts";
import { createAuthorizationServer } from "../authorization-server.ts";
import { answer } from "./answer.ts";
import { decideYes } from "./decide.ts";
import { gather, toPerson } from "./known.ts";

afterEach(() => reset());

test("nobody gets a grant whom the stack does not let in, whichever page they came from", async () => {
  const allowed = { emails: ["eve@acme.example"], domains: [], organizations: [] };
  const settings: WorkerSettings = { ...workerSettings, allowed };
  const oauth = createAuthorizationServer(settings, features).getOAuthApi(workerEnv);
  const redirectUri = "http://localhost:9999/callback";
  const { clientId } = await oauth.createClient({
    redirectUris: [redirectUri],
    tokenEndpointAuthMethod: "none",
  });
  const url = new URL(`${settings.origin}/authorize`);
  url.search = new URLSearchParams({
    response_type: "code",
    client_id: clientId,
    redirect_uri: redirectUri,
    state: "s",
    code_challenge: pkce.challenge,
    code_challenge_method: "S256",
  }).toString();
  const request = new Request(url);
  const authRequest = { ...(await oauth.parseAuthRequest(request)), scope: ["demo:profile"] };
  const context = {
    request,
    env: workerEnv,
    settings,
    features,
    oauth,
    ctx: createExecutionContext(),
  };
  const ada = { method: "demo", issuer: "demo", subject: "ada" };
  for (const [identity, parameter] of [
    [ada, "error"],
    [{ ...ada, email: "eve@acme.example", isEmailVerified: true }, "code"],
  ] as const) {
    const person = await toPerson(context, identity);
    const step = decideYes(gather(context, authRequest, person));
    const response = await answer(context, Promise.resolve(step));
    const { searchParams } = new URL(response.headers.get("location") ?? "");
    expect(searchParams.has(parameter), parameter).toBe(true);
    expect(searchParams.get("state")).toBe("s");
    const { keys } = await workerEnv.OAUTH_KV.list({ prefix: "grant:" });
    expect(keys).toHaveLength(parameter === "code" ? 1 : 0);
  }
});
