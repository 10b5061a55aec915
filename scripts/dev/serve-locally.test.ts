import { expect, test } from "vitest";
import { server } from "../../tests/fixture/infra.ts";
import { bundleOnce } from "../../tests/support/bundle-once.ts";
import { project } from "../../tests/support/fixture-project.ts";
import { accountId } from "../../tests/support/stack-model.ts";
import { runWithMocks } from "./run-with-mocks.ts";
import { serveLocally } from "./serve-locally.ts";
import { toWorkerSpec } from "./to-worker-spec.ts";

/** The fixture's program. */
const parts = { ...server, bundle: bundleOnce };

const origin = "http://localhost:8787";

/** What this machine serves of a stack with these settings. */
async function serve(settings: Readonly<Record<string, string>>) {
  const entries = Object.entries({ accountId, ...settings });
  const values = Object.fromEntries(entries.map(([name, value]) => [`${project}:${name}`, value]));
  const config = { project, stack: "prod", values, secretKeys: [] };
  const local = { ...config, values: serveLocally(config, origin), keys: {} };
  const { bindings } = await toWorkerSpec((await runWithMocks(local, { parts })).resources);
  return bindings;
}

const domain = {
  customDomain: "mcp.example.com",
  zone: "example.com",
  routes: '["mcp.example.com/api/*"]',
};
const access = { identityMethod: "access", accessTeamDomain: "acme.cloudflareaccess.com" };

test("a stack of any domain is served at this address", async () => {
  expect(await serve(domain)).toContainEqual(
    expect.objectContaining({ name: "SETTINGS", json: expect.objectContaining({ origin }) }),
  );
});

test("a stack with Access is served too, with an audience that signs nobody in", async () => {
  const bound = (text: string) => ({ type: "secret_text", name: "ACCESS_AUDIENCE", text });
  for (const accessAudience of [undefined, ""]) {
    const settings = { ...domain, ...access, ...(accessAudience === "" && { accessAudience }) };
    expect(await serve(settings)).toContainEqual(bound("0".repeat(64)));
  }
  const accessAudience = "f".repeat(64);
  expect(await serve({ ...access, accessAudience })).toContainEqual(bound(accessAudience));
});
