import { join } from "node:path";
import type { Readable } from "node:stream";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { expect } from "vitest";
import { environmentWithoutBrowser } from "../support/no-browser.ts";
import { Person } from "../support/person.ts";
import { Output } from "../support/program.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { test } from "../support/test.ts";

const program = join(import.meta.dirname, "../../node_modules/mcp-remote/dist/proxy.js");

const setups = [
  { path: "/sse", args: [] },
  { path: "/sse", args: ["--transport", "sse-only"] },
  { path: "/mcp", args: [] },
];

for (const { path, args } of setups) {
  const command = ["mcp-remote", path, ...args].join(" ");
  test(`"${command}" logs in once and bridges the tools to a stdio client`, async ({ server }) => {
    await using home = await makeTempFolder();
    const start = () => startMcpRemote([`${server.origin}${path}`, ...args], home.path);
    const countLogins = () =>
      server.requests.filter((line) => line.includes('"event":"sign-in"')).length;
    const loginsBefore = countLogins();

    {
      const { client, connected, stderr } = start();
      await using _closed = { [Symbol.asyncDispose]: () => client.close() };
      const [authorizeUrl] = await stderr.waitFor(/http:\S+\/authorize\?\S+/);
      const person = new Person("claude@example.com");
      await person.authorize(authorizeUrl, { followToClient: true });
      await connected;
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name)).toEqual(["add", "whoami"]);
      const sum = await client.callTool({ name: "add", arguments: { a: 20, b: 22 } });
      expect(sum).toMatchObject({ structuredContent: { sum: 42 }, content: [{ text: "42" }] });
      const me = await client.callTool({ name: "whoami", arguments: {} });
      expect(me).toMatchObject({ structuredContent: { email: "claude@example.com" } });
    }
    expect(countLogins()).toBe(loginsBefore + 1);

    {
      const { client, connected, stderr } = start();
      await using _closed = { [Symbol.asyncDispose]: () => client.close() };
      await connected;
      const sum = await client.callTool({ name: "add", arguments: { a: 1, b: 1 } });
      expect(sum).toMatchObject({ structuredContent: { sum: 2 } });
      expect(stderr.text).not.toContain("/authorize");
    }
    expect(countLogins()).toBe(loginsBefore + 1);
  });
}

/** Starts the bridge as Claude Desktop does: as a stdio server with a command and arguments. */
function startMcpRemote(args: readonly string[], home: string) {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [program, ...args],
    env: { ...environmentWithoutBrowser(home), MCP_REMOTE_CONFIG_DIR: join(home, "mcp-auth") },
    stderr: "pipe",
  });
  const stderr = new Output(transport.stderr as Readable | null);
  const client = new Client({ name: "desktop", version: "1.0.0" });
  const connected = client.connect(transport);
  // Awaited after the login; a failure before it must not end the test run.
  connected.catch(() => undefined);
  return { client, connected, stderr };
}
