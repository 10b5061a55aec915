import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { expect, test } from "vitest";
import { faultKinds } from "../support/fault-kinds.ts";
import type { TestCloud } from "../support/local-cloud.ts";
import { storyTime } from "../support/patience.ts";
import {
  addAtDemo,
  demoName,
  deployDemo,
  exchange,
  forgetResource,
  signInAtDemo,
} from "../support/published-demo.ts";
import { sample } from "../support/sample.ts";
import { Workshop } from "../support/workshop.ts";
import { Wrangler } from "../support/wrangler.ts";

const names = ["--worker", demoName, "--stack", "prod"] as const;

/** The sums that the objects of MyMCP hold, read from where the account stores them. */
async function readSums(cloud: TestCloud): Promise<unknown[]> {
  const [script] = cloud.local.cloud.records.scripts.list(({ name }) => name === demoName);
  const namespace = script?.classes.MyMCP?.namespaceId;
  if (namespace === undefined) return [];
  const folder = join(cloud.local.cloud.dataDirectory, "do", namespace);
  const files = (await readdir(folder)).filter((file) => /^[0-9a-f]{64}\.sqlite$/.test(file));
  return files.flatMap((file) => {
    using database = new DatabaseSync(join(folder, file), { readOnly: true });
    return database.prepare("SELECT sum FROM sums").all();
  });
}

/** Every key of the demo's KV namespace with its value. */
async function readKv(cloud: TestCloud, namespace_id: string): Promise<Record<string, string>> {
  const { namespaces } = cloud.client.kv;
  const values: Record<string, string> = {};
  for await (const { name } of namespaces.keys.list(namespace_id, cloud.account)) {
    const answer = await namespaces.values.get(name, { ...cloud.account, namespace_id });
    values[name] = await answer.text();
  }
  return values;
}

/** Calls the Worker again and again, as its clients do, who are not as fast as the machine can be. */
function keepCalling(cloud: TestCloud) {
  const statuses: number[] = [];
  const stop = new AbortController();
  const done = (async () => {
    while (!stop.signal.aborted) {
      const answer = await cloud.fetchWorker(demoName);
      await answer.body?.cancel();
      statuses.push(answer.status);
      await pause(100);
    }
  })();
  return {
    async end(): Promise<number[]> {
      stop.abort();
      await done;
      return statuses;
    },
    async [Symbol.asyncDispose]() {
      await this.end();
    },
  };
}

const plainCode = "export default { fetch: () => new Response('hi') };";

/** What `pulumi preview --json` says of each resource that changes. */
interface PreviewStep {
  readonly op: string;
  readonly urn: string;
  readonly diffReasons?: readonly string[];
  readonly oldState?: { readonly inputs?: Readonly<Record<string, unknown>> };
  readonly newState?: { readonly inputs?: Readonly<Record<string, unknown>> };
}

/** Inputs that a step changes: the engine names what Cloudflare computes anew as well. */
function listChanged({ diffReasons = [], oldState, newState }: PreviewStep): string[] {
  const [was, is] = [oldState?.inputs ?? {}, newState?.inputs ?? {}];
  return diffReasons.filter((name) => name in is && !isDeepStrictEqual(was[name], is[name]));
}

/** The operator's own settings, which stay. */
const toSettings = (shop: Workshop) => `# The stack of the demo.
config:
  cloudflare:baseUrl: ${shop.cloud.local.baseUrl}
  cloudflare:apiToken: ${shop.cloud.local.token}
  remote-mcp-server:accountId: ${shop.cloud.local.accountId}
`;

async function pulumi(shop: Workshop, ...args: readonly string[]): Promise<string> {
  const stack = args.includes("-s") ? [] : ["-s", "prod"];
  const { code, stdout, stderr } = await shop.pulumi(...args, ...stack);
  if (code !== 0) throw new Error(`pulumi ${args.join(" ")}: ${stdout}${stderr}`);
  return stdout;
}

/** Leads a domain, a route and a cron trigger to a Worker. */
async function addAddresses({ account, client, zone }: TestCloud, name: string): Promise<void> {
  const { domains, routes, scripts } = client.workers;
  const hostname = "parrot.example.com";
  await domains.update({ ...account, ...zone, hostname, service: name });
  await routes.create({ ...zone, pattern: `${hostname}/docs/*`, script: name });
  await scripts.schedules.update(name, { ...account, body: [{ cron: "5 4 * * *" }] });
}

test("the published demo comes under a stack while it is called, and nothing of it is lost", {
  timeout: storyTime,
}, async ({ skip }) => {
  await using shop = await Workshop.make(skip);
  const { cloud } = shop;
  await using wrangler = await Wrangler.make(cloud);
  const namespace = await deployDemo(wrangler, {
    vars: { GREETING: "hello" },
    triggers: { crons: ["5 4 * * *"] },
  });
  await wrangler.run(["secret", "put", "COOKIE_ENCRYPTION_KEY"], { input: "swordfish" });
  // It stands for several hosts, so it stays outside the stack.
  await cloud.client.workers.routes.create({
    ...cloud.zone,
    pattern: "*.example.com/demo/*",
    script: demoName,
  });
  const [older, newer] = [await signInAtDemo(cloud), await signInAtDemo(cloud)];
  await forgetResource(cloud, namespace, older);
  await addAtDemo(cloud, newer, { a: 40, b: 2 });
  const before = { account: shop.listAccount(), kv: await readKv(cloud, namespace) };
  expect(await readSums(cloud)).toEqual([{ sum: 42 }]);
  await using calls = keepCalling(cloud);

  // The plan alone: no stack, no file, no change.
  await shop.checkout.write("Pulumi.prod.yaml", toSettings(shop));
  const planned = await shop.succeed("adopt", ...names);
  if (process.env.SHOW_TRANSCRIPT === "1") console.log(planned);
  for (const line of [
    "+  remote-mcp-server:inheritedBindings:",
    "binding COOKIE_ENCRYPTION_KEY (secret_text): stays as it is",
    "binding MCP_OBJECT (durable_object_namespace): goes",
    "cron: 5 4 * * * stays, written once more as the stack's own",
    "compatibility date: 2025-03-10 becomes",
    'KV title: "OAUTH_KV" becomes "remote-mcp-server-oauth"',
    "2 clients stay registered",
    "1 of them name no resource (an older OAuth library)",
    "identityMethod is demo, which signs in anybody",
    "Stays as it is, outside the stack:\n  - route *.example.com/demo/*",
    "Dry run: nothing was changed.",
  ]) {
    expect(planned).toContain(line);
  }
  expect(await shop.checkout.read("Pulumi.prod.yaml")).toBe(toSettings(shop));
  const state = await readdir(shop.home.stateFolder, { recursive: true });
  expect(state.filter((file) => file.includes("prod"))).toEqual([]);

  // Interrupted in the middle of the import, it goes on at the second run.
  shop.breakCall("GET", "/content/v2", { kind: "status", status: 500, shouldRetry: false });
  await shop.fail("adopt", ...names, "--yes");
  const plan = JSON.parse(await shop.succeed("adopt", ...names, "--yes", "--json")) as {
    readonly differences: readonly { resource: string; properties: readonly string[] }[];
  };
  expect(await shop.checkout.read("Pulumi.prod.yaml")).toMatch(/# The stack of the demo\..*MyMCP/s);
  expect(shop.listAccount()).toEqual(before.account);
  expect(await readKv(cloud, namespace)).toEqual(before.kv);
  expect(await readSums(cloud)).toEqual([{ sum: 42 }]);
  await addAtDemo(cloud, newer, { a: 1, b: 1 });
  const kv = await readKv(cloud, namespace);

  // What an `up` will do is not drift.
  const first = await shop.succeed("drift", "--stack", "prod");
  expect(first).toContain("the stack has adopted the Worker, and no `up` has deployed it yet");
  expect(first).toContain("No drift found.");

  // One Worker has one stack, and one stack one Worker.
  expect(await shop.fail("adopt", "--worker", demoName, "--stack", "other")).toContain(
    `"${demoName}" belongs to the stack "prod" of this project already`,
  );
  await cloud.upload("parrot", { code: plainCode });
  expect(await shop.fail("adopt", "--worker", "parrot", "--stack", "prod")).toContain(
    `--stack: prod is the stack of the Worker "${demoName}", and a stack has one.`,
  );
  expect(await shop.fail("adopt", "--worker", "gone", "--stack", "other")).toContain(
    `the account has no Worker "gone". It has: ${demoName}, parrot.`,
  );

  // Whatever leads to a Worker comes with it: only what it never had would be made.
  await addAddresses(cloud, "parrot");
  const addressed = shop.listAccount();
  await shop.checkout.write(
    "Pulumi.other.yaml",
    "config:\n  remote-mcp-server:kvProtection: false\n",
  );
  await shop.pulumi("stack", "init", "other", "--no-select");
  expect(await shop.succeed("adopt", "--worker", "parrot", "--stack", "other", "--yes")).toContain(
    "(4 resources in its state)",
  );
  const next = JSON.parse(await pulumi(shop, "preview", "--json", "-s", "other")) as {
    steps: PreviewStep[];
  };
  const ofCloudflare = next.steps.filter(
    ({ op, urn }) => op !== "same" && urn.includes("cloudflare:"),
  );
  expect(ofCloudflare.map(({ op, urn }) => `${op} ${urn.split("::").at(-1)}`).sort()).toEqual([
    "create oauth",
    "create purge",
    "update worker",
  ]);
  expect(shop.listAccount()).toEqual(addressed);

  // Before anything is uploaded, what was taken is given back.
  const undo = ["adopt", "--worker", "parrot", "--stack", "other", "--undo"];
  const adopted = await shop.checkout.read("Pulumi.other.yaml");
  expect(await shop.succeed(...undo)).toMatch(
    /-.*customDomain: parrot[\s\S]*not known: kvProtection\.[\s\S]*The stack stays, empty\.[\s\S]*Dry run/,
  );
  expect(await shop.checkout.read("Pulumi.other.yaml")).toBe(adopted);
  expect(await shop.fail("adopt", ...names, "--stack", "other", "--undo")).toContain(
    '--undo: other has adopted the Worker "parrot"',
  );
  expect(await shop.succeed(...undo, "--yes")).toContain("under no stack");
  expect(await shop.checkout.read("Pulumi.other.yaml")).toMatch(
    /^config:\n {2}remote-mcp-server:kvProtection: true\nencryptionsalt: \S+\n$/,
  );
  expect((await shop.pulumi("stack", "ls")).stdout).toContain("other");
  expect((await shop.pulumi("stack", "tag", "ls", "-s", "other")).stdout).not.toContain("adopted");
  expect(await shop.fail(...undo)).toContain("other has adopted nothing");
  expect(shop.listAccount()).toEqual(addressed);

  // The next `up` would do what was announced, and nothing else.
  const preview = JSON.parse(await pulumi(shop, "preview", "--json")) as { steps: PreviewStep[] };
  const changing = preview.steps.filter(({ op }) => !["same", "create", "read"].includes(op));
  const changed = changing.map((step) => ({
    op: step.op,
    name: step.urn.split("::").at(-1),
    properties: listChanged(step),
  }));
  expect(changed.map(({ op, name }) => `${op} ${name}`).sort()).toEqual([
    "update oauth",
    "update worker",
  ]);
  const announced = plan.differences.flatMap(({ resource, properties }) =>
    properties.map((property) => `${resource} ${property}`),
  );
  for (const { name, properties } of changed) {
    expect(properties, name).not.toEqual([]);
    for (const property of properties) expect(announced).toContain(`${name} ${property}`);
  }
  const made = preview.steps.filter(
    ({ op, urn }) => op === "create" && urn.includes("cloudflare:"),
  );
  expect(made.map(({ urn }) => urn.split("::").at(-1))).toEqual(["purge"]);

  // The next `up` does it. Data, secrets and registrations stay; clients were never cut off.
  await pulumi(shop, "up", "--yes", "--skip-preview");
  const statuses = await calls.end();
  expect(statuses.length).toBeGreaterThan(20);
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(await readKv(cloud, namespace)).toEqual(kv);
  expect(await readSums(cloud)).toEqual(expect.arrayContaining([{ sum: 42 }, { sum: 2 }]));
  const [script] = cloud.local.cloud.records.scripts.list(({ name }) => name === demoName);
  const version = script && cloud.local.cloud.servingVersion(script);
  expect(version?.bindings).toContainEqual({
    name: "COOKIE_ENCRYPTION_KEY",
    type: "secret_text",
    text: "swordfish",
  });
  expect(version?.bindings).toContainEqual({ name: "GREETING", type: "plain_text", text: "hello" });
  const { schedules } = await cloud.client.workers.scripts.schedules.get(demoName, cloud.account);
  expect(schedules.map(({ cron }) => cron)).toEqual(["5 4 * * *"]);
  expect(await shop.fail("adopt", ...names, "--undo")).toContain("an `up` of prod has begun");
  expect(await pulumi(shop, "up", "--yes", "--skip-preview", "--refresh")).toMatch(
    /\d+ unchanged\n+Duration/,
  );
  const second = await shop.succeed("drift", "--stack", "prod");
  expect(second).toContain("No drift found.");
  expect(second).not.toContain("not checked  code");

  // A grant of the old program is answered with the way to sign in anew, never with an error.
  for (const { accessToken, refreshToken, clientId } of [older, newer]) {
    const refused = await cloud.fetchWorker(demoName, "/mcp", {
      method: "POST",
      headers: { authorization: `Bearer ${accessToken}`, "content-type": "application/json" },
      body: "{}",
    });
    expect(refused.status).toBe(401);
    expect(refused.headers.get("www-authenticate")).toMatch(
      /resource_metadata=.*error="invalid_token"/,
    );
    const renewed = await exchange(cloud, {
      grant_type: "refresh_token",
      refresh_token: refreshToken,
      client_id: clientId,
    });
    expect([renewed.status, renewed.body.error]).toEqual([400, "invalid_grant"]);
  }

  // Later, and only where it is said twice: the old objects go.
  const settings = (await shop.checkout.read("Pulumi.prod.yaml")).replace(
    "tag: v1",
    "tag: v1\n    deleteAfter: v4",
  );
  await shop.checkout.write("Pulumi.prod.yaml", settings);
  const { stdout } = await shop.pulumi("preview", "-s", "prod");
  expect(stdout).toContain('this deployment deletes "MyMCP" with all stored data');
  const permit = 'remote-mcp-server:allowDurableObjectDeletion: ["MyMCP"]';
  await shop.checkout.write(
    "Pulumi.prod.yaml",
    settings.replace("config:", `config:\n  ${permit}`),
  );
  expect(await readSums(cloud)).toHaveLength(2);
  await pulumi(shop, "up", "--yes", "--skip-preview");
  const classes = await cloud.client.durableObjects.namespaces.list(cloud.account);
  expect(classes.result.map((each) => each.class)).not.toContain("MyMCP");
  // That run has changed outputs, and the state holds none of before it.
  await pulumi(shop, "refresh", "--yes", "--expect-no-changes");
  expect(shop.seen).not.toContain("swordfish");
});

test("two environments of wrangler with one KV namespace are not taken twice", {}, async ({
  skip,
}) => {
  await using shop = await Workshop.make(skip);
  const { cloud } = shop;
  await using wrangler = await Wrangler.make(cloud);
  await wrangler.write("parrot.js", plainCode);
  const { id } = await cloud.client.kv.namespaces.create({ ...cloud.account, title: "parrots" });
  const bound = { kv_namespaces: [{ binding: "OAUTH_KV", id }] };
  await wrangler.write("wrangler.json", {
    name: "parrot",
    main: "parrot.js",
    compatibility_date: "2026-07-01",
    ...bound,
    env: { staging: bound },
  });
  await wrangler.run(["deploy", "--env", ""]);
  await wrangler.run(["deploy", "--env", "staging"]);
  const before = shop.listAccount();
  const adopt = (worker: string, stack: string, ...more: string[]) =>
    ["adopt", "--worker", worker, "--stack", stack, ...more] as const;

  const refused = await shop.fail(...adopt("parrot", "prod", "--yes"));
  expect(refused).toContain(
    '--kv-binding: the KV namespace "parrots", bound as OAUTH_KV, is used by the Worker "parrot-staging" as well',
  );
  expect((await shop.pulumi("stack", "ls")).stdout).not.toContain("prod");
  expect(await shop.succeed(...adopt("parrot", "prod", "--kv-binding", "none"))).toContain(
    "the Worker has no OAuth store: the stack makes an empty one",
  );
  // What a run that broke off has taken is given back as well, with the stack that it made.
  shop.breakCall("GET", "/content/v2", { kind: "status", status: 500, shouldRetry: false });
  await shop.fail(...adopt("parrot", "prod", "--shared-with", "parrot-staging", "--yes"));
  expect(await shop.succeed(...adopt("parrot", "prod", "--undo", "--yes"))).toContain(
    "The stack is removed, because `adopt` made it",
  );
  expect((await shop.pulumi("stack", "ls")).stdout).not.toContain("prod");
  // A Worker that only reads may be named; a second stack never has it.
  expect(
    await shop.succeed(...adopt("parrot", "prod", "--shared-with", "parrot-staging", "--yes")),
  ).toContain('KV namespace "parrots": the Worker "parrot-staging" uses it, too');
  const second = adopt("parrot-staging", "staging", "--shared-with", "parrot", "--yes");
  expect(await shop.fail(...second)).toContain(
    'bound as OAUTH_KV, is used by the stack "prod" as well',
  );
  expect(shop.listAccount()).toEqual(before);
});

for (const path of ["settings", "subdomain", "content/v2"].slice(0, sample(0, 3))) {
  test(`in whatever way the read of ${path} fails, a second adoption finishes the first`, {}, async ({
    skip,
  }) => {
    await using shop = await Workshop.make(skip);
    await shop.cloud.upload("parrot", { code: plainCode });
    const adopt = ["adopt", "--worker", "parrot", "--stack", "prod", "--yes"];
    const before = shop.listAccount();
    for (const { name, fault } of faultKinds) {
      await shop.checkout.write("Pulumi.prod.yaml", toSettings(shop));
      shop.breakCall("GET", `/scripts/parrot/${path}`, fault);
      await shop.run(...adopt);
      shop.cloud.local.cloud.faults.clear();
      const said = await shop.succeed(...adopt);
      expect(said, name).toContain("2 resources in its state");
      expect(shop.listAccount()).toEqual(before);
      await pulumi(shop, "stack", "rm", "--force", "--yes");
    }
  });
}
