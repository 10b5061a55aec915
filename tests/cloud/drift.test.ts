import { expect, test } from "vitest";
import { Deployment } from "../support/deployment.ts";

test("what somebody changed by hand is found by a refresh and put right by the next run", async ({
  skip,
}) => {
  await using deployment = await Deployment.make(skip);
  await deployment.up();
  // The second run reads what the first one left, which a refresh would count as a change.
  expect(await deployment.up()).toEqual({});
  const { account, client } = deployment.test;
  const name = await deployment.scriptName();
  expect(await deployment.refresh()).toEqual({});

  const { scripts } = client.workers;
  await scripts.subdomain.create(name, { ...account, enabled: false });
  await scripts.secrets.delete("SUBJECT_KEY", { ...account, script_name: name });
  const code =
    "export class McpSession {}; export class PersonState {}; export class TokenGate {}; export class Throttle {}; export class PurgeRun {}; export class Transaction {}; export default { fetch: () => new Response('by hand') }";
  const form = new FormData();
  form.set("metadata", JSON.stringify({ main_module: "worker.js" }));
  form.set("worker.js", new File([code], "worker.js", { type: "application/javascript+module" }));
  const path = `/accounts/${account.account_id}/workers/scripts/${name}/content`;
  await deployment.test.fetchApi(path, { method: "PUT", body: form });
  expect(await (await fetch(await deployment.origin())).text()).toBe("by hand");

  expect(await deployment.refresh()).toEqual({ update: 2 });
  expect(await deployment.up()).toMatchObject({ update: 2 });
  expect(await (await fetch(await deployment.origin())).text()).toContain("Remote MCP server");
  const secrets = [];
  for await (const secret of scripts.secrets.list(name, { ...account })) secrets.push(secret.name);
  expect(secrets).toContain("SUBJECT_KEY");
  expect(await deployment.refresh()).toEqual({});
  // The version's message told why it was uploaded again; the next one's does not.
  expect(await deployment.up()).toEqual({ replace: 2, update: 1 });
  expect(await deployment.up()).toEqual({});
});
