/**
 * The official SDK makes typed calls on every endpoint. One file for vitest, so that what all of them
 * called is known at the end.
 */
import "./sdk/kv.ts";
import "./sdk/scripts.ts";
import "./sdk/versions.ts";
import "./sdk/workers.ts";
import "./sdk/zones.ts";
import "./sdk/storage.ts";
import "./sdk/access.ts";
import "./sdk/accounts.ts";
import { describe, expect } from "vitest";
import { routes } from "../../scripts/local-cloud/resources/index.ts";
import { test } from "../support/cloud-test.ts";
import { calledEndpoints } from "../support/local-cloud.ts";
import { knownToWranglerOnly, patchOfLatestVersion } from "../support/wrangler.ts";

const script = "/accounts/:account/workers/scripts/:script";
const service = "/accounts/:account/workers/services/:script";

/** Endpoints that the SDK does not have. */
const unknownToTheSdk: readonly string[] = [
  ...knownToWranglerOnly,
  patchOfLatestVersion,
  // Older tools, and wrangler where a Worker was last edited in the dashboard.
  `GET ${service}/environments/production`,
  `GET ${service}/environments/production/bindings`,
  `GET ${service}/references`,
];

describe("Endpoints that the SDK does not have", () => {
  test("answer by hand as wrangler needs it", async ({ cloud }) => {
    const { account_id } = cloud.account;
    const path = (endpoint: string) =>
      endpoint.replace(/^.* /, "").replace(":account", account_id).replace(":script", "by-hand");
    const call = async (method: string, endpoint: string, body?: unknown) => {
      const sent = body === undefined ? {} : { body: JSON.stringify(body) };
      const answer = await cloud.fetchApi(path(endpoint), { method, ...sent });
      const { result, errors } = (await answer.json()) as { result: unknown; errors: object[] };
      return { status: answer.status, result, errors };
    };
    expect(await call("GET", service)).toMatchObject({ status: 404, errors: [{ code: 10090 }] });
    const bindings = [{ type: "plain_text", name: "GREETING", text: "hi" }];
    await cloud.upload("by-hand", {
      code: `export default { fetch: (request) => new Response(request.url) };`,
      metadata: { bindings },
    });
    await cloud.upload("by-hand-too", {
      code: `export default { fetch: (request) => new Response(request.url) };`,
      metadata: { bindings: [{ type: "service", name: "OTHER", service: "by-hand" }] },
    });
    const shown = { id: "by-hand", handlers: ["fetch"], last_deployed_from: "api" };
    expect((await call("GET", service)).result).toMatchObject({
      id: "by-hand",
      default_environment: { environment: "production", script: shown },
    });
    expect((await call("GET", `${service}/environments/production`)).result).toMatchObject({
      environment: "production",
      script: shown,
    });
    const listed = await call("GET", `${service}/environments/production/bindings`);
    expect(listed.result).toEqual(bindings);
    expect((await call("GET", `${service}/references`)).result).toMatchObject({
      services: { incoming: [{ service: "by-hand-too", name: "OTHER" }], outgoing: [] },
    });

    const pattern = "by-hand.example.com/*";
    const routed = await call("PUT", `${script}/routes`, [{ pattern, zone_name: "example.com" }]);
    expect(routed.result).toMatchObject([{ pattern, script: "by-hand" }]);
    expect((await cloud.fetchHost("by-hand.example.com")).status).toBe(200);
    // All routes of the Worker: the one before goes.
    await call("PUT", `${script}/routes`, []);
    expect((await cloud.fetchHost("by-hand.example.com")).status).toBe(404);

    const origins = [{ hostname: "by-hand-domain.example.com" }];
    const change = await call("POST", `${script}/domains/changeset?replace_state=true`, origins);
    expect(change.result).toEqual({ added: origins, removed: [], updated: [], conflicting: [] });
    expect((await cloud.fetchHost("by-hand-domain.example.com")).status).toBe(404);
    const domains = await call("PUT", `${script}/domains/records`, { origins });
    expect(domains.result).toMatchObject([{ ...origins[0], service: "by-hand" }]);
    expect((await cloud.fetchHost("by-hand-domain.example.com")).status).toBe(200);

    expect((await call("DELETE", service)).status).toBe(400);
    expect((await call("DELETE", `${service}?force=true`)).status).toBe(200);
    expect((await cloud.fetchHost("by-hand-domain.example.com")).status).toBe(404);
  });
});

test("the SDK has called every endpoint that it has", () => {
  const all = routes.map(({ method, path }) => `${method} ${path}`);
  const uncalled = all.filter((endpoint) => !calledEndpoints.has(endpoint));
  expect(uncalled.toSorted()).toEqual(unknownToTheSdk.toSorted());
});
