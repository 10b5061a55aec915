import { readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import type { Mishap } from "../../scripts/local-cloud/faults.ts";
import type { ExportedKey } from "../../scripts/mcp/destroy/export-data.ts";
import { connectModern, everyScope } from "../support/connect.ts";
import { deployStack, runPulumi } from "../support/deploy-stack.ts";
import { faultKinds } from "../support/fault-kinds.ts";
import { postMessage } from "../support/mcp-by-hand.ts";
import { type Login, OAuthApp } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";
import { sample } from "../support/sample.ts";
import { Workshop } from "../support/workshop.ts";
import { Wrangler } from "../support/wrangler.ts";

// Each run asks the real engine several times, on a machine that may be busy with other tests.

/** The Worker is gone then, and the engine does not know. */
const lost: Mishap = { kind: "reset", when: "after" };
const broken: Mishap = { kind: "status", status: 500, shouldRetry: false };

/** More tries than the provider makes. */
const always = 20;

/** An output of a stack. */
async function readOutput(workshop: Workshop, stack: string, name: string): Promise<string> {
  return (await runPulumi(workshop, "stack", "output", name, "-s", stack)).trim();
}

/** A person who has signed in at a client, and had something remembered. */
async function signIn(workshop: Workshop, stack: string): Promise<Login> {
  const origin = (await readOutput(workshop, stack, "url")).replace(/\/$/, "");
  const app = await OAuthApp.register(origin, "Notes");
  const login = await app.logIn(new Person("ada@example.com"), { scope: everyScope });
  await using client = await connectModern(origin, login.accessToken);
  await client.callTool({ name: "put", arguments: { name: "rate", value: 0.19 } });
  return login;
}

/** Status of a call with a token. */
async function call(workshop: Workshop, stack: string, login: Login): Promise<number> {
  const url = await readOutput(workshop, stack, "mcpUrl");
  const response = await postMessage(url, login.accessToken);
  await response.text();
  return response.status;
}

/** All keys of a KV namespace. */
async function dump({ cloud }: Workshop, id: string): Promise<Record<string, unknown>> {
  const { storage } = cloud.local.cloud;
  const { keys } = await storage.listKeys(id, { limit: 1000 });
  const entries = keys.map(async ({ name, ...more }) => {
    const found = await storage.getValue(id, name);
    return [name, { ...more, value: Buffer.from(found?.value ?? []).toString("base64") }];
  });
  return Object.fromEntries(await Promise.all(entries));
}

test("a stack that is destroyed says what goes, leaves an export behind, and nothing else; the export brings everybody back", async ({
  skip,
}) => {
  await using workshop = await Workshop.make(skip);
  const before = workshop.listAccount();
  await deployStack(workshop, "dev");
  const login = await signIn(workshop, "dev");
  const namespaceId = await readOutput(workshop, "dev", "kvNamespaceId");
  await workshop.cloud.local.cloud.storage.putValue(
    namespaceId,
    "bytes",
    new Uint8Array([255, 0, 7]),
    {
      metadata: { kind: "no text" },
      expirationTtl: 3600,
    },
  );
  const stored = await dump(workshop, namespaceId);
  const clear = await runPulumi(workshop, "stack", "export", "-s", "dev", "--show-secrets");
  const [, subjectKey = ""] = /::subject-key"[\s\S]*?plaintext": "\\"(.{43})\\"/.exec(clear) ?? [];
  expect(subjectKey).toHaveLength(43);
  const deployed = workshop.listAccount();

  // Nobody is at the terminal: it says what would go, and does nothing.
  const refused = await workshop.fail("destroy", "--stack", "dev");
  expect(refused).toContain("1 grant of 1 person, 1 registered client");
  expect(refused).toContain("1 PersonState object");
  expect(refused).toMatch(/Nobody is at this terminal; give --yes\./);
  expect(await workshop.fail("destroy", "--stack", "dev", "--confirm", "prod")).toContain(
    "--confirm: it says prod, and the stack is dev. Nothing was deleted.",
  );
  expect(workshop.listAccount()).toEqual(deployed);

  const folder = join(workshop.home.stateFolder, "../exports");
  workshop.breakCall("DELETE", "/workers/scripts/remote-mcp-server-dev", lost, { count: always });
  const failed = await workshop.fail("destroy", "--stack", "dev", "--yes", "--export", folder);
  const exported = /Exported (\d+) keys to (\S+)\/kv\.json/.exec(failed);
  const [, count, own = ""] = exported ?? [];
  expect([Number(count), dirname(own)]).toEqual([Object.keys(stored).length, folder]);
  workshop.cloud.local.cloud.faults.clear();
  // The same command again; its export is another, of what is left.
  expect(
    await workshop.succeed("destroy", "--stack", "dev", "--yes", "--export", folder),
  ).toContain("Deleted everything of dev.\nThe stack dev itself stays");
  expect(workshop.listAccount()).toEqual(before);

  const kv = join(own, "kv.json");
  const state = join(own, "stack.json");
  for (const file of [kv, state]) expect((await stat(file)).mode & 0o777).toBe(0o600);
  const keys = JSON.parse(await readFile(kv, "utf8")) as ExportedKey[];
  expect(keys.map(({ key }) => key).toSorted()).toEqual(Object.keys(stored).toSorted());
  const [, accessSecret = ""] = /:([^:]+)$/.exec(login.accessToken) ?? [];
  for (const text of [await readFile(kv, "utf8"), await readFile(state, "utf8"), workshop.seen]) {
    expect(text).not.toContain(accessSecret);
    expect(text).not.toContain("ada@example.com");
    expect(text).not.toContain(subjectKey);
  }
  expect(await readFile(state, "utf8")).toContain("ciphertext");

  // As docs/deploy.md says.
  await runPulumi(workshop, "stack", "import", "-s", "dev", "--file", state);
  await runPulumi(workshop, "up", "-s", "dev", "--refresh", "--yes", "--skip-preview");
  expect(await call(workshop, "dev", login)).toBe(401);
  const madeAnew = await readOutput(workshop, "dev", "kvNamespaceId");
  await using wrangler = await Wrangler.make(workshop.cloud);
  await wrangler.write("kv.json", keys);
  const put = ["kv", "bulk", "put", "kv.json", "--namespace-id", madeAnew, "--remote"];
  await wrangler.run(put);
  expect(await dump(workshop, madeAnew)).toEqual(stored);
  expect(await call(workshop, "dev", login)).toBe(200);
  expect(await workshop.succeed("destroy", "--stack", "dev", "--yes", "--remove")).toContain(
    "The stack dev is removed",
  );
  expect(workshop.listAccount()).toEqual(before);
  expect(await runPulumi(workshop, "stack", "ls")).not.toMatch(/^dev/m);

  // Its history and its settings file are somebody's, too.
  await runPulumi(workshop, "stack", "init", "empty");
  expect(await workshop.fail("destroy", "--stack", "empty", "--remove")).toMatch(
    /has nothing deployed[\s\S]*Nobody is at this terminal; give --yes\./,
  );
  expect(await runPulumi(workshop, "stack", "ls")).toMatch(/^empty/m);

  for (const { name, fault, count, isOfReading } of faultKinds.slice(
    0,
    sample(0, faultKinds.length),
  )) {
    await deployStack(workshop, "dev", { scriptName: "example" });
    for (const path of ["/workers/scripts/example", "/storage/kv/namespaces"]) {
      workshop.breakCall(isOfReading ? "GET" : "DELETE", path, fault, { count });
      await workshop.run("destroy", "--stack", "dev", "--yes");
      workshop.cloud.local.cloud.faults.clear();
    }
    await workshop.succeed("destroy", "--stack", "dev", "--yes", "--remove");
    expect(workshop.listAccount(), name).toEqual(before);
  }
});

/** A checkout whose first tool needs a database and a bucket. */
async function needStores({ checkout }: Workshop): Promise<void> {
  await checkout.edit(
    "worker/tools/sum.ts",
    'scope: "demo:use",',
    'scope: "demo:use",\n  needs: { bindings: { NOTES_DB: { kind: "d1" }, FILES: { kind: "r2" } } },',
  );
}

/** Fills the bucket through a Worker of its own, as a tool would. */
async function fillBucket({ cloud }: Workshop, bucket: string): Promise<void> {
  await cloud.upload("filler", {
    code: `export default { async fetch(request, env) {
      await Promise.all([env.FILES.put("a", "1"), env.FILES.put("b/c d", "2")]);
      return new Response();
    } };`,
    metadata: { bindings: [{ type: "r2_bucket", name: "FILES", bucket_name: bucket }] },
  });
  await cloud.fetchWorker("filler");
  await cloud.client.workers.scripts.delete("filler", cloud.account);
}

test("protected data stays and is named; the next up finds everybody connected; it goes with --delete-data and the name typed out, interrupted or not", async ({
  skip,
}) => {
  await using workshop = await Workshop.make(skip);
  const before = workshop.listAccount();
  await needStores(workshop);
  // As `environment: production` does; this one can be signed in to without another server.
  await deployStack(workshop, "prod", { kvProtection: "true", scriptName: "example" });
  const login = await signIn(workshop, "prod");
  const id = await readOutput(workshop, "prod", "kvNamespaceId");
  await fillBucket(workshop, "example-files");
  const stored = await dump(workshop, id);
  const { namespaces, databases, buckets, scripts } = workshop.cloud.local.cloud.records;
  const destroy = ["destroy", "--stack", "prod"];

  const refused = await workshop.fail(...destroy, "--yes");
  expect(refused).toMatch(/prod is protected, and a yes is not enough\. Give --confirm prod\./);
  expect(refused).toMatch(
    /Goes for good:[\s\S]*1 PersonState object[\s\S]*Stays[\s\S]*example-oauth/,
  );
  expect(refused).toContain("R2 bucket example-files: 2 objects");
  expect(scripts.list()).toHaveLength(1);

  const kept = await workshop.succeed(...destroy, "--confirm", "prod");
  expect(kept).toMatch(new RegExp(`Stays:[\\s\\S]*oauth: example-oauth \\(${id}\\)`));
  expect(kept).toMatch(/subject-key \(in the stack's state only\)/);
  expect(kept).toContain(`kvNamespaceId ${id}`);
  expect(scripts.list()).toEqual([]);
  expect([databases.list().length, buckets.list().length]).toEqual([1, 1]);
  expect(await dump(workshop, id)).toEqual(stored);

  await runPulumi(workshop, "up", "-s", "prod", "--yes", "--skip-preview");
  expect(await readOutput(workshop, "prod", "kvNamespaceId")).toBe(id);
  expect(await call(workshop, "prod", login)).toBe(200);

  // Where only code changes, what a tool needs is in what serves and in what comes: there is a way back.
  await workshop.checkout.edit("worker/tools/sum.ts", "Sum of two numbers", "Sum of two or more");
  const planned = await workshop.succeed("deploy", "--stack", "prod", "--plan");
  expect(planned).toMatch(/the code and settings that serve now, .* are restored/);
  expect(planned).toContain("Who is signed out\n  - nobody");
  expect(planned).not.toMatch(/takes away|binding /);
  await workshop.checkout.edit("worker/tools/sum.ts", "Sum of two or more", "Sum of two numbers");

  // It has taken the protection off, and fails; a destroy that does not say --delete-data keeps the data.
  workshop.breakCall("DELETE", "/workers/scripts/example", broken);
  await workshop.fail(...destroy, "--delete-data", "--confirm", "prod");
  // What is left to say so are the settings, here as production has them.
  await runPulumi(workshop, "config", "rm", "-s", "prod", "kvProtection");
  await runPulumi(workshop, "config", "set", "-s", "prod", "environment", "production");
  expect(await workshop.fail(...destroy, "--yes")).toContain("a yes is not enough");
  expect(await workshop.succeed(...destroy, "--confirm", "prod")).toContain("Stays:");
  expect(await dump(workshop, id)).toEqual(stored);
  expect(namespaces.list()).toHaveLength(1);

  expect(
    await workshop.succeed(...destroy, "--delete-data", "--confirm", "prod", "--remove"),
  ).toContain("Deleted everything of prod.\nThe stack prod is removed");
  expect(workshop.listAccount()).toEqual(before);
  expect(await runPulumi(workshop, "stack", "ls")).not.toMatch(/^prod/m);
});
