import { OAuthError } from "@cloudflare/workers-oauth-provider";
import { expect, test } from "vitest";
import { workerBindings, workerSettings } from "../../tests/support/worker-settings.ts";
import type { WorkerEnv, WorkerSettings } from "../env.ts";
import { exchangeForPerson } from "./refresh-upstream.ts";

const env = workerBindings as unknown as WorkerEnv;
const nobody = { emails: [], domains: [], organizations: [] };
const props = { userId: "1", method: "github", email: "ada@acme.example", isEmailVerified: true };

function exchange(
  allowed: Partial<WorkerSettings["allowed"]>,
  grantProps: object,
  isRefresh = true,
) {
  const settings: WorkerSettings = {
    ...workerSettings,
    identity: { method: "github", githubClientId: "x" },
    allowed: { ...nobody, ...allowed },
  };
  return exchangeForPerson({ env, settings }, grantProps, isRefresh);
}

test.each([
  ["nobody in particular", {}, props],
  ["the person's address", { emails: ["ada@acme.example"] }, props],
  ["the person's domain", { domains: ["acme.example"] }, props],
  [
    "the person's team",
    { organizations: ["acme/core"] },
    { ...props, organizations: ["acme/core"] },
  ],
])("a refresh goes on where the stack lets in %s", async (_name, allowed, kept) => {
  expect(await exchange(allowed, kept)).toEqual({});
});

test.each([
  ["the address is no longer listed", { emails: ["eve@acme.example"] }, props],
  [
    "the address was never verified",
    { domains: ["acme.example"] },
    { ...props, isEmailVerified: false },
  ],
  [
    "the team is no longer listed",
    { organizations: ["acme/other"] },
    { ...props, organizations: ["acme"] },
  ],
  ["the person signed in by a method the stack no longer has", {}, { ...props, method: "demo" }],
  ["a probe made the grant", {}, { userId: "1", method: "probe" }],
])("a refresh ends the grant where %s", async (_name, allowed, kept) => {
  const refused = exchange(allowed, kept);
  await expect(refused).rejects.toThrow(OAuthError);
  await expect(refused).rejects.toMatchObject({ code: "invalid_grant" });
});

test("a grant from before there were allow-lists, addresses and tokens in it goes on", async () => {
  expect(await exchange({}, { userId: "1", method: "github" })).toEqual({});
});

test("the code of a person who has just signed in is not judged again", async () => {
  expect(await exchange({ emails: ["eve@acme.example"] }, props, false)).toEqual({});
});

test.each([
  ["in an hour and more", 4000, undefined],
  ["in ten minutes", 600, 600],
  ["in a second", 1, 60],
])(
  "where the upstream's token ends %s, the access token lasts as long as it may",
  async (_name, left, lifetime) => {
    const expiresAt = Math.floor(Date.now() / 1000) + left;
    const upstream = { accessToken: "t", refreshToken: "r", expiresAt };
    const { accessTokenTTL } = await exchange({}, { ...props, upstream }, false);
    if (lifetime === undefined) expect(accessTokenTTL).toBeUndefined();
    else expect(accessTokenTTL).toBeGreaterThanOrEqual(Math.max(lifetime - 1, 60));
  },
);
