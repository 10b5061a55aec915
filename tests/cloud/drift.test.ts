import { expect } from "vitest";
import * as z from "zod";
import { Properties } from "../../scripts/mcp/stack/properties.ts";
import type { StateResource } from "../../scripts/mcp/stack/state.ts";
import type { Deployment } from "../support/deployment.ts";
import { test } from "../support/usual-stack.ts";
import { readRealState } from "../traffic/real-state.ts";

/** Whether a property is there, and hidden as a whole. */
function describeProperties(values: StateResource["inputs"]): Record<string, string> {
  const properties = new Properties(values);
  return Object.fromEntries(
    Object.keys(values ?? {}).map((name) => {
      const seen = properties.read(name, z.unknown());
      return [name, "value" in seen ? "shown" : seen.unseen];
    }),
  );
}

/** Holds the state that the stand-in makes against one of the real provider's. */
async function compareWithReal(deployment: Deployment): Promise<void> {
  const file = JSON.parse(await deployment.readState()) as {
    readonly checkpoint: { readonly latest: { readonly resources: readonly StateResource[] } };
  };
  const { resources } = file.checkpoint.latest;
  for (const real of await readRealState("state.json")) {
    if (!real.type.startsWith("cloudflare:")) continue;
    const own = resources.find(({ type }) => type === real.type);
    const { placement: _refreshed, ...outputs } = describeProperties(real.outputs);
    expect(describeProperties(own?.inputs), real.type).toEqual(describeProperties(real.inputs));
    expect(describeProperties(own?.outputs), real.type).toEqual(outputs);
  }
}

test("what somebody changed by hand is found by a refresh and put right by the next run", async ({
  takeUsual,
  skip,
}) => {
  await using deployment = await takeUsual(skip);
  // Nothing in the state is of before the run: a refresh right after it finds no change.
  expect(await deployment.refresh()).toEqual({});
  expect(await deployment.up()).toEqual({});
  expect(deployment.output).toContain("This resource cannot be destroyed from Terraform");
  const { account, client } = deployment.test;
  const name = await deployment.scriptName();
  await compareWithReal(deployment);

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
