import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { waitUntilReady } from "../support/checkout.ts";
import { EngineHome } from "../support/engine-home.ts";
import { makeFixtureCheckout } from "../support/fixture-checkout.ts";
import { addUpInInspector } from "../support/inspector-page.ts";
import { startMcpRemote } from "../support/mcp-remote.ts";
import { Person } from "../support/person.ts";
import type { Program } from "../support/program.ts";
import { makeTempFolder } from "../support/temp-folder.ts";

/** What a person has after `git clone`, `npm ci` and `npm run cloud`: a checkout and a cloud of its own. */
async function startCloud() {
  await using stack = new AsyncDisposableStack();
  const checkout = stack.use(await makeFixtureCheckout());
  const cloud = stack.use(checkout.startCloud());
  const origin = await waitUntilReady(cloud);
  const owned = stack.move();
  return { checkout, cloud, origin, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** The commands that `npm run cloud` prints for a shell of which nothing is known, without their comments. */
function listPrinted({ printed }: Program): string[] {
  const [, block = ""] = /in another terminal:\n((?: {2}.*\n)+)/.exec(printed) ?? [];
  return block
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/ +# .*/, "").trim());
}

/** The outputs of a stack, as `npx pulumi stack output --json` prints them. */
async function readOutputs(home: EngineHome, cwd: string) {
  const { stdout } = await home.run(["stack", "output", "--json", "-s", "local"], { cwd });
  return JSON.parse(stdout) as { readonly url: string; readonly migrationTag: string };
}

test("`npm run cloud` and `npx pulumi up -s local`: the deployed Worker takes mcp-remote and the Inspector's page, and a new Durable Object class is one more step", async ({
  skip,
}) => {
  await using home = await EngineHome.make(skip);
  await using world = await startCloud();
  const { checkout } = world;
  const cwd = checkout.path(".");
  const pulumi = async (...args: string[]) => {
    const ending = await home.run([...args, "-s", "local"], { cwd });
    if (ending.code !== 0) throw new Error(`${args.join(" ")}: ${ending.stdout}${ending.stderr}`);
    return ending.stdout;
  };
  const [variables, ...commands] = listPrinted(world.cloud);
  // Of which this home has its own.
  expect(variables).toMatch(
    /^export PULUMI_BACKEND_URL="file:\/\/\$HOME" PULUMI_CONFIG_PASSPHRASE=/,
  );
  // The last asks first, and so is run in the way of a script.
  expect(commands.pop()).toBe("npx pulumi up -s local");
  expect(commands).toHaveLength(2);
  for (const command of commands) {
    const { code, stderr } = await home.run(command.replace("npx pulumi ", "").split(" "), { cwd });
    expect({ command, code, stderr }).toMatchObject({ code: 0 });
  }
  const first = await pulumi("up", "--yes", "--policy-pack", "infra/policy");
  expect(first).toMatch(/13 created/);
  const { url, migrationTag } = await readOutputs(home, cwd);
  expect(migrationTag).toBe("v4");
  const origin = url.replace(/\/$/, "");

  {
    await using folder = await makeTempFolder();
    const { client, connected, stderr } = startMcpRemote([`${origin}/sse`], folder.path);
    await using _closed = { [Symbol.asyncDispose]: () => client.close() };
    const [authorizeUrl] = await stderr.waitFor(/http:\S+\/authorize\?\S+/);
    await new Person("claude@example.com").authorize(authorizeUrl, { followToClient: true });
    await connected;
    const sum = await client.callTool({ name: "sum", arguments: { a: 20, b: 22 } });
    expect(sum).toMatchObject({ structuredContent: { sum: 42 } });
  }
  await pulumi("up", "--yes", "--skip-preview", "--expect-no-changes");

  // A new Durable Object class is one more step, and the next change repeats none.
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
  await pulumi("up", "--yes", "--skip-preview");
  expect((await readOutputs(home, cwd)).migrationTag).toBe("v5");
  await checkout.edit("worker/index.ts", "export class Notes {}", "export class Notes { a = 1 }");
  await pulumi("up", "--yes", "--skip-preview");
  expect((await readOutputs(home, cwd)).migrationTag).toBe("v5");
  expect((await fetch(url)).status).toBe(200);
  const page = await (
    await fetch(`${world.origin}/?token=${await checkout.readCloudToken()}`)
  ).text();
  expect(page).toContain("Notes");
  expect(await readFile(checkout.path("Pulumi.local.yaml"), "utf8")).toContain("encryptionsalt");

  // The last: a machine without a browser skips from here.
  await addUpInInspector(skip, origin);
});
