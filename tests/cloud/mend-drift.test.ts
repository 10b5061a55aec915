import { expect, test, vi } from "vitest";
import type { Mishap } from "../../scripts/local-cloud/faults.ts";
import { sample } from "../support/sample.ts";
import { deployStack } from "../support/deploy-stack.ts";
import { Workshop } from "../support/workshop.ts";

// Each run asks the real engine several times, on a machine that may be busy with other tests.
vi.setConfig({ testTimeout: 300_000 });

const worker = "remote-mcp-server-dev";

/** What `drift --format json` prints, as far as the tests read it. */
interface Report {
  readonly drifted: boolean;
  readonly differences: readonly { readonly what: string; readonly found: string }[];
  readonly notChecked: readonly { readonly what: string; readonly reason: string }[];
}

/** Settings of a stack on a domain of its own. */
const settings = {
  zone: "example.com",
  customDomain: "math.example.com",
  "routes[0]": "math.example.com/docs/*",
};

/** Looks for drift. @returns the report with the exit code. */
async function look(
  workshop: Workshop,
  ...args: string[]
): Promise<Report & { code: number | null }> {
  const ending = await workshop.run("drift", "--stack", "dev", "--format", "json", ...args);
  if (ending.stdout === "") throw new Error(ending.stderr);
  return { code: ending.code, ...(JSON.parse(ending.stdout) as Report) };
}

/** A binding as the API shows it. */
interface Binding {
  readonly name: string;
  readonly type: string;
  readonly [member: string]: unknown;
}

/** Changes the deployed Worker's settings, as the dashboard does; secrets stay. */
async function changeSettings(
  { cloud }: Workshop,
  change: (bindings: Binding[]) => Binding[],
  more: object,
): Promise<void> {
  const { account, client } = cloud;
  const { bindings } = await client.workers.scripts.scriptAndVersionSettings.get(worker, account);
  const kept = (bindings as unknown as Binding[]).map((binding) =>
    binding.type === "secret_text" ? { ...binding, type: "inherit" } : binding,
  );
  const settings = { bindings: change(kept), ...more };
  const path = `/accounts/${account.account_id}/workers/scripts/${worker}/settings`;
  const body = new FormData();
  body.set("settings", JSON.stringify(settings));
  const answer = await cloud.fetchApi(path, { method: "PATCH", body });
  if (!answer.ok) throw new Error(await answer.text());
}

/** Drift in every way that a person at the dashboard has. */
async function changeByHand(workshop: Workshop): Promise<void> {
  const { cloud } = workshop;
  const { account, client, zone } = cloud;
  const { scripts, routes, domains } = client.workers;
  const other = await client.kv.namespaces.create({ ...account, title: "somebody-oauth" });
  await scripts.secrets.delete("SUBJECT_KEY", { ...account, script_name: worker });
  await scripts.secrets.update(worker, {
    ...account,
    name: "BACK_DOOR",
    text: "hidden-text",
    type: "secret_text",
  });
  await changeSettings(
    workshop,
    (bindings) => [
      ...bindings.map((binding) => {
        if (binding.name === "OAUTH_KV") return { ...binding, namespace_id: other.id };
        if (binding.name === "TOKEN_LIMIT")
          return { ...binding, simple: { limit: 9000, period: 60 } };
        if (binding.name !== "SETTINGS") return binding;
        const json = binding.json as { server: object };
        return { ...binding, json: { ...json, server: { ...json.server, title: "Changed" } } };
      }),
      { name: "DEBUG", type: "plain_text", text: "1" },
    ],
    { compatibility_date: "2026-07-01" },
  );
  await scripts.subdomain.create(worker, { ...account, enabled: false, previews_enabled: true });
  await scripts.schedules.update(worker, { ...account, body: [{ cron: "0 0 * * *" }] });
  const found = [];
  for await (const route of routes.list(zone)) found.push(route);
  await routes.delete(found[0]?.id ?? "", zone);
  await routes.create({ ...zone, pattern: "example.com/steal/*", script: worker });
  for await (const domain of domains.list(account)) {
    await domains.delete(domain.id ?? "", account);
  }
  await cloud.upload("remote-mcp-server-pr-7", {
    code: "export default { fetch: () => new Response('') }",
  });
}

test("drift made by hand in a dozen ways is found in one run, mended but for what is a person's, and then none is left", async ({
  skip,
}) => {
  await using workshop = await Workshop.make(skip);
  await deployStack(workshop, "dev", settings);
  expect(await look(workshop)).toMatchObject({ code: 0, drifted: false, notChecked: [] });

  await changeByHand(workshop);
  const { code, differences } = await look(workshop);
  console.log(differences);
  expect(code).toBe(1);
  const repaired = await workshop.run("drift", "--stack", "dev", "--repair", "--yes");
  console.log(repaired);
});
