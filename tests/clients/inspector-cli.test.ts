import { expect } from "vitest";
import { findFreePort } from "../../scripts/runtime/free-port.ts";
import { inspectorEnvironment, requireInspector } from "../support/inspector.ts";
import { Person } from "../support/person.ts";
import { Program } from "../support/program.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { test } from "../support/test.ts";
import { toolNames } from "../support/tool-names.ts";

const endpoints = [
  { path: "/mcp", transport: "http" },
  { path: "/sse", transport: "sse" },
];

for (const { path, transport } of endpoints) {
  test(`the Inspector's CLI logs in at ${path} over ${transport} and keeps its token`, async ({
    server,
    skip,
  }) => {
    const program = requireInspector(skip);
    await using home = await makeTempFolder();
    // Its default port is the same for every run on a machine.
    const callback = `http://127.0.0.1:${await findFreePort()}/oauth/callback`;
    const url = `${server.origin}${path}`;
    const inspect = (...args: string[]) =>
      new Program(
        program,
        ["--cli", url, "--transport", transport, "--callback-url", callback, ...args],
        // Otherwise it refuses to log in without a terminal. It finds no browser to open.
        { ...inspectorEnvironment(home.path), MCP_AUTO_OPEN_ENABLED: "true" },
      );

    {
      await using cli = inspect("--method", "tools/list", "--format", "json");
      const [authorizeUrl] = await cli.waitFor(/http:\S+\/authorize\?\S+/);
      const person = new Person("inspector@example.com");
      await person.authorize(authorizeUrl, { followToClient: true });
      const { code, stdout, stderr } = await cli.end();
      expect(code, stderr).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({
        result: { tools: toolNames.map((name) => ({ name })) },
      });
    }

    {
      const call = ["--method", "tools/call", "--tool-name", "sum", "--tool-arg", "a=2", "b=40"];
      await using cli = inspect(...call, "--stored-auth-only", "--format", "json");
      const { code, stdout, stderr } = await cli.end();
      expect(code, stderr).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({
        result: { content: [{ type: "text", text: "42" }], structuredContent: { sum: 42 } },
      });
    }
  });
}
