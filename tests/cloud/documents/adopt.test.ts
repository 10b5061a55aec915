import { expect } from "vitest";
import { readProject } from "../../docs/documents.ts";
import { test } from "../../support/cloud-test.ts";
import { storyTime } from "../../support/patience.ts";
import { addAtDemo, deployDemo, signInAtDemo } from "../../support/published-demo.ts";
import { Desk } from "../../support/walk/desk.ts";
import { walk } from "../../support/walk/walk.ts";
import { Wrangler } from "../../support/wrangler.ts";

test("docs/adopt.md runs as it is written, with a Worker that wrangler made", {
  timeout: 2 * storyTime,
}, async ({ cloud, skip }) => {
  await using wrangler = await Wrangler.make(cloud);
  await deployDemo(wrangler);
  // An object of the old class is in use.
  await addAtDemo(cloud, await signInAtDemo(cloud), { a: 20, b: 22 });
  await using desk = await Desk.make(skip, { cloud });
  const { terminal } = desk;
  await desk.signIn();
  const walked = await walk("docs/adopt.md", await readProject("docs/adopt.md"), {
    terminal,
    before: {
      // Whoever has gone back takes it over once more.
      "npx pulumi preview": async () => {
        await terminal.run("npm run mcp -- adopt --worker remote-mcp-server --stack prod --yes");
      },
    },
  });
  expect(walked.map(({ line }) => line)).toContain("npx pulumi up -s prod");
});
