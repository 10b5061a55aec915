import { createExecutionContext, reset } from "cloudflare:test";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { features } from "../../../tests/fixture/features.ts";
import { workerEnv } from "../../../tests/support/worker/worker-env.ts";
import { workerSettings } from "../../../tests/support/worker-settings.ts";
import type { WorkerSettings } from "../../env.ts";
import { createAuthorizationServer } from "../authorization-server.ts";
import type { BrowserContext } from "../context.ts";
import { answer } from "./answer.ts";
import { handleCallback } from "./callback.ts";
import type { Step } from "./steps.ts";

const env = { ...workerEnv, GITHUB_CLIENT_SECRET: "secret" };
const settings: WorkerSettings = {
  ...workerSettings,
  identity: { method: "github", githubClientId: "app" },
};

beforeEach(() => {
  // GitHub, as far as one person's sign-in needs it.
  const answers: Record<string, unknown> = {
    "/login/oauth/access_token": { access_token: "t", token_type: "bearer" },
    "/user": { id: 1, login: "ada" },
    "/user/emails": [],
  };
  vi.stubGlobal("fetch", async (url: string) => Response.json(answers[new URL(url).pathname]));
});

afterEach(async () => {
  vi.unstubAllGlobals();
  await reset();
});

function open(url: string, cookie = ""): BrowserContext {
  const oauth = createAuthorizationServer(settings, features).getOAuthApi(env);
  const request = new Request(url, { headers: { cookie } });
  return { request, env, settings, features, oauth, ctx: createExecutionContext() };
}

/** Signs in for a page of this server, and comes back from GitHub. */
async function visit(page: string, query: Record<string, string> = { code: "c" }) {
  const step: Step = { next: "go upstream", authRequest: undefined, returnTo: page };
  const start = await answer(open(`${settings.origin}/connections`), Promise.resolve(step));
  const upstream = new URL(start.headers.get("location") ?? "");
  const cookie = start.headers.get("set-cookie")?.split(";")[0] ?? "";
  const back = new URL("/authorize/callback", settings.origin);
  back.search = new URLSearchParams({
    ...query,
    state: upstream.searchParams.get("state") ?? "",
  }).toString();
  return { upstream, response: await handleCallback(open(back.href, cookie)) };
}

test("a person who wants to see a page of this server comes back to it, signed in", async () => {
  const { upstream, response } = await visit(
    `${settings.origin}/connections?prompt=select_account`,
  );
  expect(upstream.searchParams.get("prompt")).toBe("select_account");
  expect(response.status).toBe(303);
  expect(response.headers.get("location")).toBe(
    `${settings.origin}/connections?prompt=select_account`,
  );
  expect(response.headers.getSetCookie().join()).toContain("__Host-session=");
  // No client asked, so nobody has a grant.
  expect((await workerEnv.OAUTH_KV.list()).keys).toEqual([]);
});

test.each([
  "https://evil.example/connections",
  "//evil.example/connections",
  "https://localhost:8787@evil.example/connections",
  "http://localhost:8780/connections",
])("nobody is sent on to another site, not even for %s", async (page) => {
  const { response } = await visit(page);
  expect(response.headers.get("location")).toBe(`${settings.origin}/connections`);
});

test("a path that looks like a host stays a path of this origin", async () => {
  const { response } = await visit(`${settings.origin}//evil.example/`);
  expect(new URL(response.headers.get("location") ?? "").origin).toBe(settings.origin);
});

test("who says no upstream without a client lands on the home page, not in a circle", async () => {
  const { response } = await visit("/connections", { error: "access_denied" });
  expect(response.headers.get("location")).toBe(`${settings.origin}/`);
  expect(response.headers.getSetCookie().join()).not.toContain("__Host-session=");
});
