import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { EngineHome } from "../../support/engine-home.ts";
import { makeTempFolder } from "../../support/temp-folder.ts";
import { LoopbackApi, refuse, type Said, succeed } from "../../traffic/loopback-api.ts";
import {
  canary,
  describeBindings,
  describeScript,
  drafts,
  writeBundle,
} from "../../traffic/recorded-stack.ts";
import { token } from "./configure.ts";

test("the engine tells what the stand-in and the API refuse, and a lost answer does not end a stack", async ({
  skip,
}) => {
  const uploads: Said[] = [
    "half",
    refuse(412, 10079, "Actor migration tag precondition failed"),
    succeed({ migration_tag: "v1", etag: "e" }),
  ];
  await using api = await LoopbackApi.start(() => uploads.shift() ?? "nothing");
  await using folder = await makeTempFolder();
  await using home = await EngineHome.make(skip, {
    CLOUDFLARE_BASE_URL: api.baseUrl,
    CLOUDFLARE_API_TOKEN: token,
    PLUGIN_RETRY_SCALE: "0",
  });
  let contentSha256: string | undefined = "0".repeat(64);
  let draft = drafts.first;
  const stack = await home.createStack("refusals", async () => {
    const bundle = await writeBundle(folder.path, draft);
    const script = new cloudflare.WorkersScript(
      "script",
      {
        ...describeScript(draft),
        contentFile: bundle.contentFile,
        contentSha256: contentSha256 ?? bundle.contentSha256,
        bindings: describeBindings(draft, "n", pulumi.secret(canary)),
      },
      { provider: new cloudflare.Provider("cloudflare", {}) },
    );
    return { migrationTag: script.migrationTag };
  });

  const mismatch = await stack.preview().catch(String);
  expect(mismatch).toMatch(/contentSha256.*SHA-256 Hash Mismatch/s);
  expect(api.received).toEqual([]);

  contentSha256 = undefined;
  const failure = await stack.up().catch(String);
  expect(failure).toMatch(/412 Precondition Failed .*"code":10079,"message":"Actor migration tag/s);
  for (const secret of [canary, token]) expect(failure).not.toContain(secret);
  expect(api.received.map(({ headers }) => headers["x-stainless-retry-count"])).toEqual(["0", "1"]);

  draft = drafts.changed;
  const { outputs, summary } = await stack.up();
  expect(outputs.migrationTag?.value).toBe("v1");
  expect(summary.resourceChanges).toMatchObject({ create: 1 });
  expect(api.received.at(-1)?.body).not.toContain("migrations");
});
