import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { waitUntilReady } from "../support/checkout.ts";
import { EngineHome } from "../support/engine-home.ts";
import { makeFixtureCheckout } from "../support/fixture-checkout.ts";
import { addUpInInspector } from "../support/inspector-page.ts";
import { startMcpRemote } from "../support/mcp-remote.ts";
import { Person } from "../support/person.ts";
import { makeTempFolder } from "../support/temp-folder.ts";

/** What a person has after `git clone`, `npm ci` and `npm run cloud`: a checkout and a cloud of its own. */
async function startCloud() {
  await using stack = new AsyncDisposableStack();
  const checkout = stack.use(await makeFixtureCheckout());
  const cloud = stack.use(checkout.startCloud());
  const origin = await waitUntilReady(cloud);
  // A test takes a free port; the file names the usual one.
  await checkout.edit("Pulumi.local.yaml", "http://127.0.0.1:8790", origin);
  const owned = stack.move();
  return { checkout, origin, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** The outputs of a stack, as `npx pulumi stack output --json` prints them. */
async function readOutputs(home: EngineHome, cwd: string) {
  const { stdout } = await home.run(["stack", "output", "--json", "-s", "local"], { cwd });
  return JSON.parse(stdout) as { readonly url: string; readonly migrationTag: string };
}

test("`npm run cloud` and `npx pulumi up -s local`: the deployed Worker takes mcp-remote and the Inspector's page", async ({
  skip,
}) => {
  await using home = await EngineHome.make(skip);
  await using world = await startCloud();
  const cwd = world.checkout.path(".");
  const pulumi = async (...args: string[]) => {
    const ending = await home.run([...args, "-s", "local"], { cwd });
    if (ending.code !== 0) throw new Error(`${args.join(" ")}: ${ending.stdout}${ending.stderr}`);
    return ending.stdout;
  };
  await home.run(["stack", "select", "--create", "local"], { cwd });
  const first = await pulumi("up", "--yes", "--policy-pack", "infra/policy");
  expect(first).toMatch(/13 created/);
  const { url, migrationTag } = await readOutputs(home, cwd);
  expect(migrationTag).toBe("v4");
  const origin = url.replace(/\/$/, "");

  await using folder = await makeTempFolder();
  const { client, connected, stderr } = startMcpRemote([`${origin}/sse`], folder.path);
  await using _closed = { [Symbol.asyncDispose]: () => client.close() };
  const [authorizeUrl] = await stderr.waitFor(/http:\S+\/authorize\?\S+/);
  await new Person("claude@example.com").authorize(authorizeUrl, { followToClient: true });
  await connected;
  const sum = await client.callTool({ name: "sum", arguments: { a: 20, b: 22 } });
  expect(sum).toMatchObject({ structuredContent: { sum: 42 } });
  await pulumi("up", "--yes", "--expect-no-changes");
  // The last: a machine without a browser skips from here.
  await addUpInInspector(skip, origin);
});

test("a new Durable Object class is one more step, and the next change repeats none", async ({
  skip,
}) => {
  await using home = await EngineHome.make(skip);
  await using world = await startCloud();
  const { checkout } = world;
  const cwd = checkout.path(".");
  const up = async () => {
    const ending = await home.run(["up", "--yes", "--skip-preview", "-s", "local"], { cwd });
    if (ending.code !== 0) throw new Error(`${ending.stdout}${ending.stderr}`);
  };
  await home.run(["stack", "select", "--create", "local"], { cwd });
  await up();
  await checkout.edit(
    "worker/durable-objects.ts",
    'SESSIONS: "McpSession",',
    'SESSIONS: "McpSession",\n  NOTES: "Notes",',
  );
  await checkout.edit(
    "worker/durable-objects.ts",
    "\n];",
    '\n  { tag: "v5", create: ["Notes"] },\n];',
  );
  await checkout.edit(
    "worker/index.ts",
    "export { McpSession };",
    "export { McpSession };\nexport class Notes {}",
  );
  await checkout.edit(
    "worker/env.ts",
    "readonly SESSIONS:",
    "readonly NOTES: DurableObjectNamespace;\n  readonly SESSIONS:",
  );
  await up();
  expect((await readOutputs(home, cwd)).migrationTag).toBe("v5");
  await checkout.edit("worker/index.ts", "export class Notes {}", "export class Notes { a = 1 }");
  await up();
  const { url, migrationTag } = await readOutputs(home, cwd);
  expect(migrationTag).toBe("v5");
  expect((await fetch(url)).status).toBe(200);
  const page = await (
    await fetch(`${world.origin}/?token=${await checkout.readCloudToken()}`)
  ).text();
  expect(page).toContain("Notes");
  expect(await readFile(checkout.path("Pulumi.local.yaml"), "utf8")).toContain("encryptionsalt");
});
