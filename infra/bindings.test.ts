import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import {
  type Bindings,
  deriveRateLimitId,
  refuseSharedCounters,
  serverBindingNames,
} from "./bindings.ts";

const secret = { type: "secret_text", text: pulumi.output("x") } as const;
const limit = { type: "ratelimit", namespaceId: "1", simple: { limit: 1, period: 60 } } as const;
const objects = { type: "durable_object_namespace", className: "Any" } as const;
const complete: Required<Bindings> = {
  ACCESS_AUDIENCE: secret,
  AUTHORIZE_LIMIT: { ...limit, namespaceId: "3" },
  CONSENT_KEYS: secret,
  DEMO_PASSWORD: secret,
  GITHUB_CLIENT_SECRET: secret,
  MACHINE_SECRETS: secret,
  OAUTH_KV: { type: "kv_namespace", namespaceId: "1" },
  OIDC_CLIENT_SECRET: secret,
  PEOPLE: objects,
  PROBE_SECRET: secret,
  PURGE: objects,
  REGISTER_LIMIT: limit,
  SESSIONS: objects,
  SESSION_KEYS: secret,
  SETTINGS: { type: "json", json: "{}" },
  SIGN_IN_LIMIT: limit,
  SUBJECT_KEY: secret,
  THROTTLES: objects,
  TOKEN_GATES: objects,
  TOKEN_LIMIT: { ...limit, namespaceId: "4" },
  TRANSACTIONS: objects,
};

// Held by `npm run typecheck`: an expected error that does not come is one itself.
const { SESSIONS: _sessions, ...missing } = complete;
// @ts-expect-error the Worker expects a binding that infra does not give
void (missing satisfies Bindings);
// @ts-expect-error infra gives a binding that the Worker does not know
void ({ ...complete, OTHER: secret } satisfies Bindings);
// @ts-expect-error a key of the Worker would be readable in the dashboard
void ({ ...complete, SUBJECT_KEY: { type: "json", json: "{}" } } satisfies Bindings);

test("a tool can take no name that the server has", () => {
  expect([...serverBindingNames].sort()).toEqual(Object.keys(complete).sort());
});

test("limits that would count together are refused", () => {
  const list = (bindings: Bindings) =>
    Object.entries(bindings).map(([name, binding]) => ({ name, ...binding }));
  expect(() => refuseSharedCounters(list(complete))).toThrowError(
    /scriptName: the rate limits REGISTER_LIMIT and SIGN_IN_LIMIT would count together/,
  );
  const apart = { ...complete, SIGN_IN_LIMIT: { ...limit, namespaceId: "2" } };
  expect(() => refuseSharedCounters(list(apart))).not.toThrow();
});

test("a limit's id is a positive integer that hangs on account, Worker and limit", () => {
  const ids = [
    deriveRateLimitId("a", "example", "register"),
    deriveRateLimitId("b", "example", "register"),
    deriveRateLimitId("a", "other", "register"),
    deriveRateLimitId("a", "example", "sign-in"),
  ];
  for (const id of ids) expect(id).toMatch(/^[1-9]\d{0,9}$/);
  expect(new Set(ids).size).toBe(4);
  expect(deriveRateLimitId("a", "example", "register")).toBe(ids[0]);
});
