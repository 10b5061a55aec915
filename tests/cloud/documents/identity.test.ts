import { expect } from "vitest";
import { readProject } from "../../docs/documents.ts";
import { test } from "../../support/cloud-test.ts";
import { storyTime } from "../../support/patience.ts";
import { filledIn, typedSecret } from "../../support/recipes.ts";
import { Desk } from "../../support/walk/desk.ts";
import { type Walked, walk } from "../../support/walk/walk.ts";

/** Recipes are alternatives: each begins with the settings as they were before the page. */
const headings = /^(?=##+ )/m;

test("each recipe of docs/identity.md runs as it is written", {
  timeout: 2 * storyTime,
}, async ({ cloud, skip }) => {
  await using desk = await Desk.make(skip, { cloud });
  const { terminal, checkout } = desk;
  await desk.signIn();
  for (const stack of ["dev", "prod"]) await terminal.run(`npx pulumi stack init ${stack}`);
  const files = ["Pulumi.dev.yaml", "Pulumi.prod.yaml"];
  const before = await Promise.all(files.map((file) => checkout?.read(file)));
  const input = { input: `${typedSecret}\n` };
  const walked: Walked[] = [];
  for (const section of (await readProject("docs/identity.md")).split(headings)) {
    for (const [index, file] of files.entries()) {
      await checkout?.write(file, before[index] ?? "");
    }
    const lines = await walk("docs/identity.md", section, {
      terminal,
      // A scope of the server of these tests.
      values: { ...filledIn, "orders:read": "demo:use", "orders:write": "demo:write" },
      typing: {
        "npx pulumi config set -s prod --secret githubClientSecret": input,
        "npx pulumi config set -s prod --secret oidcClientSecret": input,
      },
    });
    walked.push(...lines);
  }
  expect(walked.map(({ line }) => line)).toContain("npm run mcp -- doctor --stack prod");
});
