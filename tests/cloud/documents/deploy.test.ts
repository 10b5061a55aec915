import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readProject } from "../../docs/documents.ts";
import { storyTime } from "../../support/patience.ts";
import { makeTempFolder } from "../../support/temp-folder.ts";
import { Desk } from "../../support/walk/desk.ts";
import { walk } from "../../support/walk/walk.ts";

/** Somebody who confirms by the stack's name. */
const typeName = (stack: string) => ({ typed: [[/to continue\./, stack]] as const });

/** The folder of the only export. */
async function findExport(exports: string): Promise<string> {
  const [folder = "", ...others] = await readdir(exports);
  expect(others).toEqual([]);
  return join(exports, folder);
}

test("docs/deploy.md runs as it is written, from a clean shell to an import of what was destroyed", {
  timeout: 3 * storyTime,
}, async ({ skip }) => {
  await using desk = await Desk.make(skip);
  await using exports = await makeTempFolder();
  const { terminal } = desk;
  const output = async (name: string, stack: string) =>
    (await terminal.run(`npx pulumi stack output ${name} -s ${stack}`)).trim();
  let origin = "";
  const walked = await walk("docs/deploy.md", await readProject("docs/deploy.md"), {
    terminal,
    values: {
      ...desk.accountValues,
      // Beside the checkout there are those of other tests.
      "../exports": exports.path,
      "<id>": () => output("kvNamespaceId", "prod"),
      "--file stack.json": async () =>
        `--file ${join(await findExport(exports.path), "stack.json")}`,
      "put kv.json": async () => `put ${join(await findExport(exports.path), "kv.json")}`,
    },
    typing: {
      "npx pulumi config set -s prod --secret githubClientSecret": { input: "secret-of-github\n" },
      "npm run mcp -- deploy --stack prod": typeName("prod"),
      "npm run mcp -- destroy --stack dev": typeName("dev"),
      "npm run mcp -- destroy --stack prod": typeName("prod"),
    },
    before: {
      "npx pulumi config set -s dev zone": async () => {
        origin = await output("url", "dev");
      },
      // They only tried the domain, which leads nowhere in a test.
      "npx pulumi stack init prod": async () => {
        await terminal.run("npx pulumi config rm -s dev customDomain");
        await terminal.run("npx pulumi config rm -s dev zone");
        await terminal.run(
          `npx pulumi config set -s dev allowOriginChange ${origin.replace(/\/$/, "")}`,
        );
        await terminal.run("npx pulumi up -s dev");
      },
      // A page of its own, which this one links here.
      "npm run mcp -- destroy --stack dev": async () => {
        const drift = await walk("docs/drift.md", await readProject("docs/drift.md"), { terminal });
        expect(drift).toHaveLength(3);
      },
    },
  });
  console.log(walked.map(({ line, milliseconds }) => `${milliseconds} ms  ${line}`).join("\n"));
  expect(walked.at(-2)?.line).toBe("npx wrangler kv bulk put kv.json --namespace-id <id> --remote");
});
