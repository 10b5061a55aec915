import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { deployStack, runPulumi } from "../support/deploy-stack.ts";
import { faultKinds } from "../support/fault-kinds.ts";
import { sample } from "../support/sample.ts";
import { Workshop } from "../support/workshop.ts";

// Each run asks the real engine several times, on a machine that may be busy with other tests.

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
  customDomain: "mcp.example.com",
  "routes[0]": "mcp.example.com/docs/*",
};

/** The machine clients of the stack, as a person writes them into its file. */
const machines = `config:
  remote-mcp-server:machineClients:
    - { name: nightly, scopes: ["demo:use"], secrets: [1] }
    - { name: weekly, scopes: ["demo:use"], secrets: [1] }
`;

/** The machine clients as somebody leaves them who gives one more, takes one away and lets one in. */
const changedMachines = [
  { name: "nightly", scopes: ["demo:use", "demo:write"], resource: "mcp" },
  { name: "side-door", scopes: ["demo:write"], resource: "mcp", keysUrl: "https://a.example/keys" },
];

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
  await scripts.secrets.delete("MACHINE_SECRETS", { ...account, script_name: worker });
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
        const server = { ...json.server, title: "Changed" };
        return { ...binding, json: { ...json, server, machines: changedMachines } };
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
    metadata: { annotations: { "workers/message": "Pulumi stack pr-7, version 1.0.0" } },
  });
}

const rank = ({ name }: { readonly name: string }) => (name === "lost answers" ? 0 : 1);

const upload = `/workers/scripts/${worker}`;

test("drift made by hand in a dozen ways is found in one run; a repair that fails midway is finished by the next; what is a person's is told; what the token may not see is not checked; a move is planned as one, and everything goes with an export", async ({
  skip,
}) => {
  await using workshop = await Workshop.make(skip);
  const { cloud } = workshop;
  await workshop.checkout.edit("Pulumi.dev.yaml", "config:\n", machines);
  await deployStack(workshop, "dev", settings);
  expect(await look(workshop)).toMatchObject({ code: 0, drifted: false, notChecked: [] });

  const CLOUDFLARE_API_TOKEN = await cloud.createToken(["Workers Scripts Read"]);
  const partly = await workshop.runWith({ CLOUDFLARE_API_TOKEN }, "drift", "--stack", "dev");
  expect(partly.code).toBe(0);
  expect(partly.stdout).toMatch(/not checked {2}KV namespaces: .*Workers KV Storage/);
  expect(partly.stdout).toMatch(/No drift found\. \d not checked\./);
  const blind = await cloud.createToken(["Workers KV Storage Read"]);
  const refused = await workshop.runWith(
    { CLOUDFLARE_API_TOKEN: blind },
    "drift",
    "--stack",
    "dev",
  );
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringContaining("Workers Scripts: Edit"),
  ]);

  await changeByHand(workshop);
  const output = workshop.checkout.path("drift.md");
  const first = await workshop.run(
    "drift",
    "--stack",
    "dev",
    "--output",
    output,
    "--format",
    "markdown",
  );
  expect(first.code).toBe(1);
  // Another backend may have what no stack of this one has: it is told, and is not drift.
  expect(first.stdout).toMatch(
    /Not drift of this stack[\s\S]*remote-mcp-server-pr-7[\s\S]*somebody-oauth/,
  );
  expect(first.stdout).toMatch(/the stack pr-7 of another backend/);
  const found = [...first.stdout.matchAll(/^ {2}(\S.*)\n {4}expected/gm)].map(([, what]) => what);
  expect(found).toEqual([
    "version that serves",
    "binding MACHINE_SECRETS",
    "binding OAUTH_KV (kv_namespace), namespaceId",
    "binding SETTINGS (json), server.title",
    "binding SETTINGS (json), machines.nightly.scopes",
    "binding SETTINGS (json), machines.weekly",
    "binding SETTINGS (json), machines.side-door",
    "binding SUBJECT_KEY",
    "binding TOKEN_LIMIT (ratelimit), simple.limit",
    "binding BACK_DOOR",
    "binding DEBUG",
    "compatibility date",
    "workers.dev address",
    "preview URLs",
    "cron triggers",
    "custom domain mcp.example.com",
    "route mcp.example.com/docs/*",
    "route example.com/steal/*",
    "Worker remote-mcp-server-pr-7",
    "KV namespace somebody-oauth",
  ]);
  const markdown = await readFile(output, "utf8");
  expect(markdown.match(/^\| (?!What|---)/gm)).toHaveLength(found.length);

  // A repair from other code would deploy that, too.
  await workshop.checkout.edit("worker/tools/sum.ts", "Sum of two numbers", "Sum of two or more");
  const otherCode = await workshop.fail("drift", "--stack", "dev", "--repair", "--yes");
  expect(otherCode).toMatch(
    /this checkout or the stack's settings differ .*: worker \(contentSha256\)\. A repair/,
  );
  await workshop.checkout.edit("worker/tools/sum.ts", "Sum of two or more", "Sum of two numbers");

  workshop.breakCall("PUT", upload, { kind: "status", status: 500, shouldRetry: false });
  const repair = ["--repair", "--yes"];
  const failed = await workshop.fail("drift", "--stack", "dev", ...repair);
  expect(failed).toMatch(/It cannot repair, and leaves as it is:\n {2}- route example\.com\/steal/);
  // The state has taken over meanwhile what the account has; that a repair was begun is remembered.
  const after = await look(workshop);
  expect(after.code).toBe(1);
  expect(after.differences[0]?.found).toMatch(/^begun at .* and not finished$/);
  // The state says what the account has, so what the repair was begun with is what counts.
  await workshop.checkout.edit("worker/tools/sum.ts", "Sum of two numbers", "Sum of two or more");
  expect(await workshop.fail("drift", "--stack", "dev", ...repair)).toMatch(
    /the last repair has not finished, and this checkout is not what it was begun with/,
  );
  await workshop.checkout.edit("worker/tools/sum.ts", "Sum of two or more", "Sum of two numbers");
  await runPulumi(workshop, "config", "set", "-s", "dev", "registrationsPerDay", "4000");
  expect(await workshop.fail("drift", "--stack", "dev", ...repair)).toMatch(
    /and the stack's settings are not what it was begun with/,
  );
  await runPulumi(workshop, "config", "rm", "-s", "dev", "registrationsPerDay");
  const byPerson = await look(workshop, ...repair, "--strict-orphans");
  expect(byPerson.differences.map(({ what }) => what)).toEqual(found.slice(-3));

  const { account, client, zone } = cloud;
  for await (const { id, pattern } of client.workers.routes.list(zone)) {
    if (pattern === "example.com/steal/*") await client.workers.routes.delete(id, zone);
  }
  await client.workers.scripts.delete("remote-mcp-server-pr-7", account);
  expect(await look(workshop, "--strict-orphans", "--ignore", "somebody-oauth")).toMatchObject({
    code: 0,
  });
  await runPulumi(workshop, "preview", "-s", "dev", "--refresh", "--expect-no-changes");
  expect(workshop.seen).not.toMatch(/hidden-text|ciphertext/);

  await client.workers.scripts.delete(worker, { ...account, force: true });
  const own = cloud.local.cloud.records.namespaces.list(({ title }) => title === `${worker}-oauth`);
  await client.kv.namespaces.delete(own[0]?.id ?? "", account);
  const { code, differences } = await look(workshop);
  expect([code, differences.map(({ found }) => found)]).toEqual([
    1,
    expect.arrayContaining([
      "missing, with everything its Durable Objects held",
      "missing, with every client and connection in it",
    ]),
  ]);
  const again = await look(workshop, ...repair);
  expect(again).toMatchObject({ code: 0, drifted: false });

  // That of which nobody knows whether it was done comes first.
  const kinds = faultKinds.toSorted((one, other) => rank(one) - rank(other));
  for (const { name, fault, count, isOfReading } of kinds.slice(0, sample(1, kinds.length))) {
    await client.workers.scripts.subdomain.create(worker, { ...account, enabled: false });
    await client.workers.scripts.schedules.update(worker, { ...account, body: [] });
    await changeSettings(workshop, (all) => all.filter((each) => each.name !== "PURGE"), {});
    workshop.breakCall(isOfReading ? "GET" : "PUT", upload, fault, { count });
    await workshop.run("drift", "--stack", "dev", ...repair);
    cloud.local.cloud.faults.clear();
    expect(await look(workshop, ...repair), name).toMatchObject({ code: 0 });
  }

  // The plan of a move, and of a secret that comes: what the program declares and the engine hides.
  await runPulumi(workshop, "config", "set", "-s", "dev", "customDomain", "tools.example.com");
  await runPulumi(workshop, "config", "rm", "-s", "dev", "routes");
  const origin = "https://tools.example.com";
  await runPulumi(workshop, "config", "set", "-s", "dev", "allowOriginChange", origin);
  const probe = "canary-probe-secret-of-more-than-32-characters";
  await runPulumi(workshop, "config", "set", "-s", "dev", "--secret", "probeSecret", probe);
  const plan = await workshop.succeed("deploy", "--stack", "dev", "--plan");
  expect(plan).toContain(
    `everybody: the address changes from https://mcp.example.com to ${origin}`,
  );
  expect(plan).toMatch(/there is no way back, because it moves the server from https:\/\/mcp/);
  expect(plan).toContain("binding PROBE_SECRET (secret_text): is made");
  expect(plan).not.toMatch(/takes away|nobody/);

  const folder = workshop.checkout.path("exports");
  const gone = await workshop.succeed("destroy", "--stack", "dev", "--yes", "--export", folder);
  expect(gone).toContain("Deleted everything of dev.");
  expect(workshop.seen).not.toContain(probe);
});
