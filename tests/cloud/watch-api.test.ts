import * as cloudflare from "@pulumi/cloudflare";
import { expect } from "vitest";
import { ApiWatch } from "../../scripts/mcp/stack/watch-api.ts";
import { test } from "../support/cloud-test.ts";
import { EngineHome } from "../support/engine-home.ts";

test("each try of the provider that fails is told while it tries, and the state knows nothing of the detour", async ({
  cloud,
  skip,
}) => {
  const { local } = cloud;
  const troubles: string[] = [];
  await using watch = await ApiWatch.start(({ text }) => troubles.push(text), local.baseUrl);
  await using home = await EngineHome.make(skip, {
    PLUGIN_RETRY_SCALE: "0.01",
    CLOUDFLARE_API_TOKEN: local.token,
    // As the commands give it to the engine.
    CLOUDFLARE_BASE_URL: watch.baseUrl,
  });
  const stack = await home.createStack("watched", async () => {
    const provider = new cloudflare.Provider("cloudflare", {});
    const inputs = { accountId: local.accountId, title: "watched" };
    new cloudflare.WorkersKvNamespace("oauth", inputs, { provider });
  });
  const fault = { kind: "status", status: 500 } as const;
  local.cloud.faults.add({ method: "POST", path: "/namespaces", count: 3, after: 0, fault });
  await stack.up();
  expect(troubles).toEqual([1, 2, 3].map((n) => `Cloudflare answers 500, try ${n} of 11`));
  expect(local.cloud.records.namespaces.list().map(({ title }) => title)).toEqual(["watched"]);
  expect(JSON.stringify(await stack.exportStack())).not.toContain(new URL(watch.baseUrl).host);
});
