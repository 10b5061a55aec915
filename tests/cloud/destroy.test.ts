import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { Mishap } from "../../scripts/local-cloud/faults.ts";
import type { ExportedKey } from "../../scripts/mcp/destroy/export-data.ts";
import { connectModern, everyScope } from "../support/connect.ts";
import { deployStack, runPulumi } from "../support/deploy-stack.ts";
import { postMessage } from "../support/mcp-by-hand.ts";
import { type Login, OAuthApp } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";
import { sample } from "../support/sample.ts";
import { Workshop } from "../support/workshop.ts";
import { Wrangler } from "../support/wrangler.ts";

// Each run asks the real engine several times, on a machine that may be busy with other tests.
vi.setConfig({ testTimeout: 300_000 });

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
  await client.callTool({ name: "remember", arguments: { name: "rate", value: 0.19 } });
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
  const { account, client } = workshop.cloud;
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

  const folder = workshop.checkout.path("../export-of-dev");
  // Deleted by hand before: that is no obstacle.
  await client.workers.scripts.subdomain.delete("remote-mcp-server-dev", account);
  workshop.breakCall("DELETE", "/workers/scripts/remote-mcp-server-dev", broken, { count: always });
  const failed = await workshop.fail("destroy", "--stack", "dev", "--yes", "--export", folder);
  expect(failed).toContain(`Exported ${Object.keys(stored).length} keys to ${folder}/kv.json`);
  workshop.cloud.local.cloud.faults.clear();
  expect(await workshop.fail("destroy", "--stack", "dev", "--yes", "--export", folder)).toContain(
    "is not empty",
  );
  expect(await workshop.succeed("destroy", "--stack", "dev", "--yes")).toContain(
    "Deleted everything of dev.\nThe stack dev itself stays",
  );
  expect(workshop.listAccount()).toEqual(before);

  const kv = join(folder, "kv.json");
  const state = join(folder, "stack.json");
  for (const file of [kv, state]) expect((await stat(file)).mode & 0o777).toBe(0o600);
  const keys = JSON.parse(await readFile(kv, "utf8")) as ExportedKey[];
  expect(keys.map(({ key }) => key).toSorted()).toEqual(Object.keys(stored).toSorted());
  const [, accessSecret = ""] = /:([^:]+)$/.exec(login.accessToken) ?? [];
  for (const text of [await readFile(kv, "utf8"), await readFile(state, "utf8"), workshop.seen]) {
    expect(text).not.toContain(accessSecret);
    expect(text).not.toContain("ada@example.com");
  }

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
});

const broken: Mishap = { kind: "status", status: 500, shouldRetry: false };

/** More tries than the provider makes. */
const always = 20;
