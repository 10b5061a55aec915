import { expect } from "vitest";
import { readProject } from "../../docs/documents.ts";
import { test } from "../../support/cloud-test.ts";
import { OAuthApp } from "../../support/oauth-app.ts";
import { storyTime } from "../../support/patience.ts";
import { Person } from "../../support/person.ts";
import { Desk } from "../../support/walk/desk.ts";
import { walk } from "../../support/walk/walk.ts";

test("docs/clients.md, docs/admin.md, docs/machines.md and docs/runbook.md run as they are written, at deployed stacks", {
  timeout: 2 * storyTime,
}, async ({ cloud, skip }) => {
  await using desk = await Desk.make(skip, { cloud });
  const { terminal, checkout } = desk;
  const environment = "remote-mcp-server:environment: development";
  const withTokens = `${environment}\n  remote-mcp-server:personalTokens: "90"`;
  await checkout?.edit("Pulumi.dev.yaml", environment, withTokens);
  // What the pages are about: a dev server, and two stacks.
  await terminal.serve("npm start");
  await desk.signIn();
  for (const stack of ["dev", "prod"]) {
    await terminal.run(`npx pulumi stack init ${stack}`);
    // As docs/machines.md says, with a scope of the server of these tests.
    for (const [key, value] of Object.entries({ name: "nightly", "scopes[0]": "demo:use" })) {
      await terminal.run(
        `npx pulumi config set -s ${stack} --path 'machineClients[0].${key}' ${value}`,
      );
    }
    await terminal.run(`npx pulumi config set -s ${stack} --path 'machineClients[0].secrets[0]' 1`);
  }
  // The last command of the last page deploys the other.
  await terminal.run("npx pulumi up -s prod");
  const url = (await terminal.run("npx pulumi stack output url -s prod")).trim();
  const origin = url.replace(/\/$/, "");

  const clients = await walk("docs/clients.md", await readProject("docs/clients.md"), {
    terminal,
    values: {
      // Tools, resources and prompts are those of whoever reads it.
      'roll_dice \'{"dice": 5, "keep": 2}\'': `sum '{"a": 2, "b": 40}'`,
      "call roll_dice --json": `call sum '{"a": 2, "b": 40}' --json`,
      "list roll_dice": "list sum",
      "orders:read": "demo:use",
      "memory://values": "demo://colours/red",
      'plan_trip \'{"city": "Oslo"}\'': `paint '{"thing": "a boat"}'`,
    },
  });
  const call = clients.find(({ line }) => line.startsWith("npm run mcp -- call roll_dice '"));
  expect(call?.printed).toContain("42");

  const app = await OAuthApp.register(origin);
  await app.logIn(new Person("ada@example.com"), { path: "/mcp" });
  const admin = await walk("docs/admin.md", await readProject("docs/admin.md"), {
    terminal,
    values: { ...desk.accountValues, "1HrOlCOANT_EdtlW": app.clientId },
  });
  const printed = admin.map((one) => one.printed).join("");
  expect(printed).toContain("Dry run: nothing was changed.");
  expect(printed).toContain("By the settings of the stack prod:");

  const machines = await walk("docs/machines.md", await readProject("docs/machines.md"), {
    terminal,
    values: {
      "https://orders.example.com": origin,
      $MCP_SECRET: async () => {
        const shown = "npx pulumi stack output machineSecrets --show-secrets --json -s prod";
        return (JSON.parse(await terminal.run(shown)) as Record<string, string>).nightly ?? "";
      },
    },
  });
  expect(machines.at(-1)?.printed).toContain('"access_token"');

  const runbook = await walk("docs/runbook.md", await readProject("docs/runbook.md"), {
    terminal,
    values: { "https://orders.example.com": origin },
  });
  const lines = runbook.map(({ line }) => line);
  expect(lines).toContain("npm run mcp -- doctor https://orders.example.com");
  expect(lines.at(-1)).toBe("npx pulumi up -s dev");
});
