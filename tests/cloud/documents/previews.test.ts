import { expect } from "vitest";
import { readProject } from "../../docs/documents.ts";
import { test } from "../../support/cloud-test.ts";
import { storyTime } from "../../support/patience.ts";
import { Desk } from "../../support/walk/desk.ts";
import { walk } from "../../support/walk/walk.ts";

test("docs/previews.md runs as it is written: made, listed, removed, swept, rehearsed, on any CI", {
  timeout: 2 * storyTime,
}, async ({ cloud, skip }) => {
  // A CI's own names of what it builds.
  const variables = { NUMBER: "14", AUTHOR: "ada", COMMIT: "1111111" };
  await using desk = await Desk.make(skip, { cloud, variables });
  const { terminal } = desk;
  await desk.signIn();
  const walked = await walk("docs/previews.md", await readProject("docs/previews.md"), {
    terminal,
    before: {
      // Its password is read as long as it is there.
      "npx pulumi stack output demoPassword": async () => {
        await terminal.run("npm run mcp -- preview up --pr 12");
      },
      // Not beside a preview of that number in earnest.
      "npm run mcp -- preview rehearse": async () => {
        await terminal.run("npm run mcp -- preview down --pr 12");
      },
    },
  });
  const lines = walked.map(({ line }) => line);
  expect(lines).toContain("npm run mcp -- preview rehearse --pr 12");
  const password = walked.find(({ line }) => line.includes("demoPassword"))?.printed.trim();
  expect(password).toMatch(/^\S{12,}$/);
  expect(terminal.transcript.split(String(password))).toHaveLength(2);
});
