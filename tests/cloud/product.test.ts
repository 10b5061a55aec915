import { expect } from "vitest";
import { connectWithLogin } from "../support/connect.ts";
import { Deployment } from "../support/deployment.ts";
import { OAuthClient } from "../support/oauth-client.ts";
import { Person } from "../support/person.ts";
import { test } from "../support/usual-stack.ts";

/** 2 and 3, added by the deployed tool. */
async function addUp(origin: string, oauth: OAuthClient): Promise<unknown> {
  await using client = await connectWithLogin(new URL("/mcp", origin), oauth);
  const { structuredContent } = await client.callTool({ name: "sum", arguments: { a: 2, b: 3 } });
  return structuredContent;
}

test("a stack's life: deployed, used, changed, rotated, refreshed and destroyed", async ({
  skip,
}) => {
  await using deployment = await Deployment.make(skip);
  const { cloud } = deployment.local;

  expect(await deployment.up()).toEqual({ create: 13 });
  const origin = await deployment.origin();
  expect(origin).toMatch(/^http:\/\/localhost:\d+$/);
  const oauth = new OAuthClient(new Person("ada@example.com"), "Client of the deployed Worker");
  expect(await addUp(origin, oauth)).toEqual({ sum: 5 });

  expect(await deployment.up()).toEqual({});
  expect(await deployment.refresh()).toEqual({});
  expect(await deployment.preview()).toEqual({});

  deployment.changeCode("changed");
  expect(await deployment.up()).toEqual({ replace: 2, update: 1 });
  expect(await deployment.up()).toEqual({});
  expect(await addUp(origin, oauth)).toEqual({ sum: 5 });

  await deployment.configure({ keyGeneration: "2" });
  await deployment.up();
  expect(await deployment.up()).toEqual({});
  expect(await addUp(origin, oauth)).toEqual({ sum: 5 });

  deployment.takeCalls();
  await deployment.destroy();
  const deleted = deployment.takeCalls().filter((call) => call.startsWith("DELETE"));
  expect(deleted.map((call) => call.replace(/.*\/(workers|storage)\//, ""))).toEqual([
    expect.stringMatching(/^scripts\/.*\/subdomain$/),
    expect.stringMatching(/^scripts\/[^/]+$/),
    expect.stringMatching(/^kv\/namespaces\/[0-9a-f]{32}$/),
  ]);
  expect(cloud.records.scripts.list()).toEqual([]);
  expect(cloud.records.namespaces.list()).toEqual([]);
});

test("a setting that names a way in is one upload of a Worker with its code, and so is taking it back", async ({
  takeUsual,
  skip,
}) => {
  await using deployment = await takeUsual(skip);
  const origin = await deployment.origin();
  const look = async () => {
    const path = "/.well-known/oauth-protected-resource/personal-tokens";
    const { status } = await fetch(`${origin}${path}`);
    const { bundle } = await deployment.outputs();
    return { status, ...(bundle?.value as { readonly sha256: string; gzipBytes: number }) };
  };
  const without = await look();
  expect(without.status).toBe(404);

  deployment.takeCalls();
  await deployment.configure({ personalTokens: "30" });
  expect(await deployment.up()).toEqual({ replace: 2, update: 1 });
  const uploads = deployment
    .takeCalls()
    .filter((call) => /^PUT .*\/workers\/scripts\/[^/]+$/.test(call));
  expect(uploads).toHaveLength(1);
  const tokens = await look();
  expect(tokens.status).toBe(200);
  expect(tokens.gzipBytes).toBeGreaterThan(without.gzipBytes);
  expect(await deployment.up()).toEqual({});

  await deployment.configure({ personalTokens: "false" });
  expect(await deployment.up()).toEqual({ replace: 2, update: 1 });
  expect(await look()).toEqual(without);
  expect(await deployment.up()).toEqual({});
});
