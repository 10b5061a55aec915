import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test as base, expect } from "vitest";
import { projectRoot } from "../../../infra/bundle.ts";
import { ActionsIssuer } from "../../support/actions-issuer.ts";
import { SigningKey } from "../../support/signing-key.ts";
import { startStackServer } from "../../support/stack-server.ts";
import { makeTempFolder } from "../../support/temp-folder.ts";
import { toolNames } from "../../support/tool-names.ts";
import { runJob } from "../../workflows/runner.ts";
import { parseWorkflow, type Workflow } from "../../workflows/workflows.ts";
import { clientsPage } from "../matrix/document.ts";
import { toTable } from "../matrix/table.ts";
import { machinePrograms } from "./clients.ts";

const key = new SigningKey("one");
const scopes = ["demo:use", "demo:profile"];

const test = base.extend(
  "stack",
  { scope: "file" },
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what is needed.
  async ({}, { onCleanup }) => {
    const parts = new AsyncDisposableStack();
    onCleanup(() => parts.disposeAsync());
    const issuer = parts.use(await ActionsIssuer.start());
    const machineClients = [
      { name: "keeps-a-secret", scopes, secrets: [1] },
      { name: "signs", scopes, publicKeys: [key.publicKey] },
      {
        name: "runs",
        scopes,
        workloads: [{ issuer: issuer.issuer, repository: "acme/orders", branch: "main" }],
      },
    ];
    const settings = { machineClients: JSON.stringify(machineClients) };
    const server = parts.use(await startStackServer({ settings, outbound: issuer.outbound }));
    return { server, issuer, secret: server.keys["machine-secret-keeps-a-secret-1"] ?? "" };
  },
);

/** The workflow of docs/machines.md, which calls a tool that the fixture has. */
async function readWorkflow(): Promise<Workflow> {
  const page = await readFile(join(projectRoot, "docs/machines.md"), "utf8");
  const [, text] = /```yaml\n(name: Nightly\n[\s\S]*?)```/.exec(page) ?? [];
  if (text === undefined) throw new Error("docs/machines.md has no workflow.");
  const call = '"name":"list_orders","arguments":{}';
  expect(text).toContain(call);
  return parseWorkflow("nightly.yml", text.replace(call, '"name":"whoami","arguments":{}'));
}

for (const program of machinePrograms) {
  const { client: name, way, note } = program;
  test(`${name} is a machine client with ${way}: ${note}`, async ({ stack }) => {
    const { server, secret } = stack;
    await using folder = await makeTempFolder();
    const access = { origin: server.origin, secret, key, folder: folder.path };
    const connected = await program.connect(access);
    await using _closed = { [Symbol.asyncDispose]: () => connected.close() };
    const { tools } = await connected.listTools();
    expect(tools.map((tool) => tool.name)).toEqual(toolNames);
    expect(await connected.callTool({ name: "whoami", arguments: {} })).toMatchObject({
      structuredContent: { id: `machine:${program.name}`, identityMethod: "machine", scopes },
    });
    // Nobody was sent to a page.
    expect(server.requests.join("\n")).not.toContain('"route":"/authorize"');
  });
}

test("a GitHub workflow calls a tool and holds no secret", async ({ stack }) => {
  const { server, issuer } = stack;
  await using folder = await makeTempFolder();
  const workflow = await readWorkflow();
  expect(JSON.stringify(workflow)).not.toContain("secrets");
  const { PATH = "" } = process.env;
  const run = () =>
    runJob(
      workflow,
      "orders",
      { github: {}, vars: { MCP_SERVER: server.origin }, secrets: {} },
      { cwd: folder.path, folder: folder.path, environment: { PATH, ...issuer.environment } },
    );
  issuer.run = {};
  const { steps } = await run();
  expect(steps.map(({ code }) => code)).toEqual([0]);
  expect(steps[0]?.stdout).toContain("The machine client runs, which acts for no person");

  // The same workflow, started by somebody's pull request.
  issuer.run = { ref: "refs/pull/7/merge", event_name: "pull_request" };
  const [refused] = (await run()).steps;
  expect(refused?.stdout).not.toContain("machine client runs");
  expect(server.requests.join("\n")).toContain('"reason":"run_not_meant"');
  expect(issuer.asked).toEqual([`${issuer.issuer}/.well-known/jwks`]);
});

const columns = [
  ["client", "Client"],
  ["way", "Says who it is by"],
  ["list", "List"],
  ["call", "Call"],
  ["note", "What is special"],
] as const;

test("docs/clients.md holds the table of machine clients", async () => {
  const rows = [
    ...machinePrograms.map(({ client, way, note }) => ({
      client,
      way,
      list: "yes",
      call: "yes",
      note,
    })),
    {
      client: "GitHub Actions, `curl`",
      way: "what GitHub signs of the run",
      list: "",
      call: "yes",
      note: "the workflow of [machines.md](machines.md); it holds no secret",
    },
  ];
  const table = toTable(columns, rows);
  console.log(table);
  if (process.env.UPDATE_DOCS === "1") await clientsPage.write("machines", table);
  expect(await clientsPage.read("machines")).toBe(table);
});
