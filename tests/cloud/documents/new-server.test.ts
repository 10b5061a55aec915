import { symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { projectRoot } from "../../../infra/bundle.ts";
import { readProject } from "../../docs/documents.ts";
import { makeFixtureCheckout } from "../../support/fixture-checkout.ts";
import { storyTime } from "../../support/patience.ts";
import { makeTempFolder } from "../../support/temp-folder.ts";
import { Desk } from "../../support/walk/desk.ts";
import { findPath } from "../../support/walk/terminal.ts";
import { walk } from "../../support/walk/walk.ts";

test("docs/new-server.md runs as it is written, in an empty folder", {
  timeout: storyTime,
}, async ({ skip }) => {
  await using published = await makeFixtureCheckout({ hasTests: true });
  await published.removePackages();
  await using empty = await makeTempFolder();
  await using desk = await Desk.make(skip, { cwd: empty.path });
  const { terminal, home } = desk;
  // Whoever has no checkout yet has Pulumi from elsewhere.
  await terminal.run(`export PATH='${dirname(home.engine)}:${findPath()}'`);
  const walked = await walk("docs/new-server.md", await readProject("docs/new-server.md"), {
    terminal,
    values: { "https://github.com/example/remote-mcp-server": published.path(".") },
    typing: {
      "npm run new:server": {
        typed: [
          // What is usual is good.
          [/in one sentence\?/, ""],
          [/Git address of upstream/, ""],
          [/Do it\?/, "y"],
        ],
      },
    },
    before: {
      // In the place of the `npm ci` that the text names.
      "npm run new:server": () =>
        symlink(join(projectRoot, "node_modules"), join(empty.path, "node_modules")),
    },
  });
  expect(walked).toHaveLength(2);
  expect(terminal.transcript).toContain("This is Acme orders now.");
});
