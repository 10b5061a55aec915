import { expect, test } from "vitest";
import { connectWithLogin } from "../support/connect.ts";
import { Deployment } from "../support/deployment.ts";
import { OAuthClient } from "../support/oauth-client.ts";
import { Person } from "../support/person.ts";

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
