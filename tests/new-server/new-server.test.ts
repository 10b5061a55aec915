import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { readOwnership } from "../../scripts/ownership/ownership.ts";
import { parseUpstream } from "../../scripts/ownership/upstream.ts";
import { waitUntilReady } from "../support/checkout.ts";
import { listNewFindings, makeFixtureCheckout } from "../support/fixture-checkout.ts";
import { storyTime } from "../support/patience.ts";
import { sample } from "../support/sample.ts";
import { Clone, upstream } from "./clone.ts";

test("a clone becomes a server of one's own: everything is green, and no file of ours has changed", {
  timeout: 3 * storyTime,
}, async () => {
  await using clone = await Clone.make();
  const { checkout } = clone;
  // As a sample has it whose tool needs a database.
  const steps = "worker/migrations/SAMPLE_DB/0001_create_samples.sql";
  await mkdir(dirname(checkout.path(steps)), { recursive: true });
  await checkout.write(steps, "CREATE TABLE samples (id TEXT PRIMARY KEY);\n");
  // And a package that nothing else uses.
  await checkout.write("worker/tools/read-samples.ts", 'import "parser-of-samples";\n');
  for (const file of ["package.json", "package-lock.json"]) {
    const line = '"parser-of-samples": "1.0.0",';
    await checkout.edit(file, '"dependencies": {', `"dependencies": { ${line}`);
  }
  await checkout.edit(
    "package-lock.json",
    '"node_modules/zod"',
    `"node_modules/parser-of-samples": {}, "node_modules/zod"`,
  );
  await clone.commit("Keep samples");
  const before = await clone.git("rev-parse", "HEAD");
  const command = `npm run new:server -- acme-orders --title "Acme orders" --from ${upstream}`;

  // Shown, and not done.
  const plan = await clone.run(`${command} --dry-run`);
  expect(plan).toContain("remote-mcp-server -> acme-orders");
  expect(plan).toContain("worker/tools/count-words.ts");
  expect(await clone.git("status", "--porcelain")).toBe("");
  // Nobody is at this terminal.
  expect(await clone.refuse(command)).toMatch(/--yes/);
  expect(await clone.git("status", "--porcelain")).toBe("");

  expect(await clone.run(`${command} --yes`)).toContain("This is Acme orders now.");
  const ownership = readOwnership(checkout.path("."));
  const changed = await clone.listChanged();
  expect(changed.filter((path) => ownership.isOurs(path))).toEqual([]);
  expect(changed).toEqual(expect.arrayContaining(["package.json", "package-lock.json", steps]));
  for (const file of ["package.json", "package-lock.json"]) {
    expect(await checkout.read(file), file).not.toContain("parser-of-samples");
  }
  expect(parse(await checkout.read("Pulumi.dev.yaml"))).toEqual({
    config: {
      "acme-orders:environment": "development",
      "acme-orders:identityMethod": "demo",
      "acme-orders:serverName": "acme-orders",
      "acme-orders:serverTitle": "Acme orders",
    },
  });
  expect(await checkout.read("Pulumi.preview.yaml")).toContain(
    "serverTitle: Acme orders (preview)",
  );
  expect(await checkout.read("Pulumi.dev.yaml")).toMatch(/^# The dev stack\./);
  expect(parseUpstream(await checkout.read(".upstream.json"))).toMatchObject({ from: upstream });
  // The component's type is in the state of everybody's stacks.
  expect(await checkout.read("infra/resource-types.ts")).toContain(
    '"remote-mcp-server:index:RemoteMcpServer"',
  );
  expect(await clone.refuse(`${command} --yes`)).toMatch(/uncommitted changes here/);
  await clone.commit("Make it Acme orders");
  expect(await clone.git("rev-list", "--count", `${before}..HEAD`)).toBe("1");

  // Types and tests of ours, which unit-tests.test.ts looks at in such a server with more tools.
  for (const check of sample(
    [],
    [
      "npx tsc -p .",
      "npx tsc -p worker",
      "npx vitest run --project unit scripts/docs tests/docs/links tests/docs/paths infra",
    ],
  )) {
    await clone.run(check);
  }
  await clone.run("npm run lint");
  await clone.run("npm run docs");
  expect(await clone.git("status", "--porcelain")).toBe("");
  expect(await clone.run("npm run check:tools")).toMatch(/1 tool, .* nothing to better/);
  await clone.run("npm run test:mine");

  await using program = checkout.serve();
  const origin = await waitUntilReady(program);
  expect(program.printed).toContain('"acme-orders"');
  const doctor = await clone.run(`npm run mcp -- doctor ${origin}`);
  expect(doctor).not.toMatch(/✗|FAIL/);
});

test("with --keep-sample its tools stay, beside a new one", {
  timeout: 3 * storyTime,
}, async () => {
  // The fixture's tools, as format and findings of somebody's own are not ours to hold.
  await using clone = await Clone.make(makeFixtureCheckout);
  const listed = await clone.checkout.read("worker/tools/index.ts");
  await clone.run(`npm run new:server -- acme-orders --keep-sample --from ${upstream} --yes`);
  const changed = await clone.listChanged();
  const ownership = readOwnership(clone.checkout.path("."));
  expect(changed.filter((path) => ownership.isOurs(path))).toEqual([]);
  expect(await clone.git("diff", "--cached", "--diff-filter=D", "--name-only", "worker")).toBe("");
  const list = await clone.checkout.read("worker/tools/index.ts");
  for (const line of listed.split("\n")) expect(list).toContain(line);
  expect(list).toContain("  countWords,\n];");
  expect(await clone.checkout.read("Pulumi.dev.yaml")).toContain("serverTitle: Acme orders");
  await clone.run("npx tsc -p worker");
  // All else is as it was, and the test above has the whole of a server linted.
  const written = await clone.git("diff", "--cached", "--diff-filter=AM", "--name-only");
  const files = written.replaceAll("\n", " ");
  await clone.run(`npx biome ci --colors=off --files-ignore-unknown=true ${files}`);
  await clone.run("node scripts/ownership/check-imports.ts");
  expect(await listNewFindings(clone.checkout)).toEqual([]);
});

test("what cannot be a server, or would strand a deployed one, is refused, and nothing is changed", {
  timeout: 3 * storyTime,
}, async () => {
  await using clone = await Clone.make();
  const { checkout } = clone;
  const refusals = [
    ["", /^name: it is not given, and nobody is at this terminal\. Give the server's name/],
    ["Acme Orders", /^name: a server has one name, and these are 2\. Give one/],
    ["AcmeOrders", /^name: "AcmeOrders" is not a name .* such as acme-orders\./],
    [`acme --title '' --from ${upstream}`, /^--title: it must be one line/],
    ["acme --colour red", /Unknown option '--colour'/],
    // A copy that was not cloned does not know where it comes from.
    ["acme", /^--from: it is not given, and nobody is at this terminal\. Give the Git address/],
    ["acme --from https://a:b@example.com/x", /^--from: .* has a password in it/],
  ] as const;
  for (const [args, words] of refusals) {
    expect(await clone.refuse(`npm run new:server -- ${args} --yes`), args).toMatch(words);
  }

  // The home of this person is the checkout's folder.
  const stacks = checkout.path(".pulumi/stacks/remote-mcp-server");
  await mkdir(stacks, { recursive: true });
  const credentials = { current: `file://${checkout.path(".")}` };
  await writeFile(checkout.path(".pulumi/credentials.json"), JSON.stringify(credentials));
  const state = { checkpoint: { latest: { resources: [{ type: "pulumi:pulumi:Stack" }] } } };
  await writeFile(`${stacks}/prod.json`, JSON.stringify(state));
  const command = `npm run new:server -- acme-orders --from ${upstream}`;
  expect(await clone.refuse(`${command} --yes`)).toMatch(
    /^name: under the project's name, remote-mcp-server, these stacks are deployed: prod\. .*destroy --stack prod/,
  );
  // Its own name it may keep.
  await clone.run(`npm run new:server -- remote-mcp-server --from ${upstream} --dry-run`);

  await clone.git("update-ref", "refs/remotes/origin/HEAD", "HEAD");
  await checkout.write("worker/tools/mine.ts", "// not committed\n");
  expect(await clone.refuse(`${command} --yes`)).toMatch(
    /uncommitted.*\n {2}\?\? worker\/tools\/mine/,
  );
  expect(await clone.listChanged()).toEqual(["worker/tools/mine.ts"]);
  await clone.commit("Add a tool of my own");
  expect(await clone.refuse(`${command} --yes`)).toMatch(
    /yours already, and would go with the sample\. Keep both with --keep-sample.*\n {2}worker\/tools\/mine\.ts/,
  );
  expect(await clone.git("status", "--porcelain")).toBe("");
});

test("a server that is one's own already gets other names alone", {
  timeout: 3 * storyTime,
}, async () => {
  await using clone = await Clone.make();
  await clone.run(`npm run new:server -- acme-orders --from ${upstream} --yes`);
  await clone.checkout.edit("README.md", "# Acme orders", "# The orders of Acme");
  await clone.commit("Make it ours");
  await clone.run(`npm run new:server -- acme-shop --title "Acme shop" --yes`);
  expect((await clone.listChanged()).toSorted()).toEqual(
    ["dev", "local", "preview"]
      .map((stack) => `Pulumi.${stack}.yaml`)
      .concat("Pulumi.yaml", "package-lock.json", "package.json")
      .toSorted(),
  );
  const dev = await clone.checkout.read("Pulumi.dev.yaml");
  expect(dev).toContain("acme-shop:serverName: acme-shop\n  acme-shop:serverTitle: Acme shop");
});
