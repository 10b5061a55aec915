import { expect } from "vitest";
import { inspectorEnvironment, requireInspector } from "../support/inspector.ts";
import { startMcpRemote } from "../support/mcp-remote.ts";
import { Person } from "../support/person.ts";
import { Program } from "../support/program.ts";
import { test } from "../support/test.ts";
import { Home } from "./home.ts";

test("the entry in Claude Desktop's file starts mcp-remote, which signs in and bridges the tools", async ({
  server,
}) => {
  await using home = await Home.make();
  const file = await home.fileOf("claude-desktop");
  const written = await home.connect("claude-desktop", "--write", "--url", server.origin);
  expect(written).toMatchObject({ code: 0, stderr: "" });
  const { mcpServers } = JSON.parse((await home.read(file)) ?? "");
  const { command, args } = mcpServers.example as { command: string; args: string[] };
  expect([command, args[0]]).toEqual(["npx", "mcp-remote"]);

  const { client, connected, stderr } = startMcpRemote(args.slice(1), home.path);
  await using _closed = { [Symbol.asyncDispose]: () => client.close() };
  const [authorizeUrl] = await stderr.waitFor(/http:\S+\/authorize\?\S+/);
  await new Person("ada@example.com").authorize(authorizeUrl, { followToClient: true });
  await connected;
  const sum = await client.callTool({ name: "sum", arguments: { a: 40, b: 2 } });
  expect(sum).toMatchObject({ structuredContent: { sum: 42 } });
});

test("the Inspector finds the server that was written into its catalog", async ({
  server,
  skip,
}) => {
  const program = requireInspector(skip);
  const catalog = (path: string) => inspectorEnvironment(path);
  await using home = await Home.make();
  const environment = catalog(home.path);
  await using known = await Home.make({ MCP_CATALOG_PATH: environment.MCP_CATALOG_PATH ?? "" });
  for (const transport of ["http", "sse"]) {
    const name = `example-${transport}`;
    const options = ["--transport", transport, "--name", name, "--url", server.origin];
    const written = await known.connect("inspector", "--write", ...options);
    expect(written).toMatchObject({ code: 0, stderr: "" });
    const args = ["--cli", "--method", "servers/show", "--server", name, "--format", "json"];
    await using cli = new Program(program, args, environment);
    const { code, stdout, stderr } = await cli.end();
    expect(code, stderr).toBe(0);
    expect(stdout).toContain(`${server.origin}/${transport === "http" ? "mcp" : "sse"}`);
  }
});
