import { access, readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readProject } from "../docs/documents.ts";
import { Checkout } from "../support/checkout.ts";
import { storyTime } from "../support/patience.ts";
import { Desk } from "../support/walk/desk.ts";
import { walk } from "../support/walk/walk.ts";

// The README's commands, as it promises them of the sample. It goes when the sample goes.

test("README.md runs as it is written, from a clean shell: dev server, client, both deployments, a tool", {
  timeout: storyTime,
}, async ({ skip }) => {
  await using checkout = await Checkout.make({ hasTests: true });
  checkout.lendTypes();
  await using desk = await Desk.make(skip, { cwd: checkout.path(".") });
  // A test takes a free port; the file names the usual one.
  await checkout.edit("Pulumi.local.yaml", ":8790/", `:${desk.ports.cloud}/`);
  const walked = await walk("README.md", await readProject("README.md"), {
    terminal: desk.terminal,
    values: desk.accountValues,
  });
  expect(walked.map(({ line }) => line)).toEqual(
    expect.arrayContaining(["npm run deploy", "npx pulumi up -s local"]),
  );

  // It says where Pulumi writes: there, and nowhere else in their home.
  const { HOME = "", PULUMI_HOME = "" } = desk.home.environment;
  await access(join(HOME, ".pulumi/stacks"));
  await access(join(PULUMI_HOME, "credentials.json"));
  const ofPulumi = (await readdir(HOME)).filter((name) => name.includes("pulumi"));
  expect(ofPulumi.sort()).toEqual([".pulumi", "pulumi"]);
});
