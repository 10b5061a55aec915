import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readProject } from "../../docs/documents.ts";
import { storyTime } from "../../support/patience.ts";
import { makeTempFolder } from "../../support/temp-folder.ts";
import { Desk } from "../../support/walk/desk.ts";
import { walk } from "../../support/walk/walk.ts";

test("docs/local-cloud.md runs as it is written: the cloud, a deployment, wrangler, a fault", {
  timeout: 2 * storyTime,
}, async ({ skip }) => {
  await using desk = await Desk.make(skip);
  await using project = await makeTempFolder();
  const { terminal, checkout } = desk;
  const address = `http://127.0.0.1:${desk.ports.cloud}`;
  await checkout?.edit("Pulumi.local.yaml", "http://127.0.0.1:8790", address);
  await writeFile(
    join(project.path, "wrangler.json"),
    JSON.stringify({ name: "hello", main: "worker.js", compatibility_date: "2026-07-30" }),
  );
  await writeFile(
    join(project.path, "worker.js"),
    "export default { fetch: () => new Response('hello') };",
  );
  const walked = await walk("docs/local-cloud.md", await readProject("docs/local-cloud.md"), {
    terminal,
    values: { "http://127.0.0.1:8790": address },
    before: {
      // "in the folder of a project of wrangler's"
      "npx wrangler deploy": async () => {
        await mkdir(join(project.path, "node_modules"), { recursive: true });
        const here = terminal.cwd;
        await terminal.run(`ln -s ${here}/node_modules/* ${project.path}/node_modules/`);
        await terminal.run(`ln -s ${here}/node_modules/.bin ${project.path}/node_modules/.bin`);
        await terminal.run(`cd ${project.path}`);
      },
    },
  });
  expect(walked.map(({ line }) => line)).toContain("npx pulumi up -s local");
  expect(terminal.transcript).toContain("hello");
  const faults = await terminal.run(
    `curl -s ${address}/_faults -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN"`,
  );
  expect(faults).toContain('"reset"');
});
