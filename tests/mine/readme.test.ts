import { afterAll, expect, test } from "vitest";
import { readServerName } from "../../scripts/mcp/connect/server-name.ts";
import { ownFeatures } from "../../worker/features.ts";
import { readProject } from "../docs/documents.ts";
import { addUpInInspector } from "../support/inspector-page.ts";
import { startOwnServer, useClaudeDesktop, useNewClient } from "../support/own-server.ts";

// What the README promises of the sample. It goes when the sample goes.

const server = await startOwnServer();
afterAll(() => server[Symbol.asyncDispose]());

test("a person connects the Inspector's page to /sse, logs in and adds two numbers", async ({
  skip,
}) => {
  await addUpInInspector(skip, server.origin, {
    count: ownFeatures.tools.length,
    title: "Add two numbers",
  });
  // It was the real HTTP+SSE transport.
  expect(server.lines.join("\n")).toContain('"route":"/sse/message","status":202');
});

test("Claude Desktop, configured as the README says, logs in and adds two numbers", async () => {
  const block = /```json\n([\s\S]*?)```/.exec(await readProject("README.md"))?.[1] ?? "";
  const args = ["mcp-remote", "http://localhost:8787/sse"];
  expect(JSON.parse(block)).toEqual({ mcpServers: { math: { command: "npx", args } } });
  expect(await readServerName()).toBe("math");
  await using desktop = await useClaudeDesktop(server.origin);
  const sum = { name: "add", arguments: { a: 2, b: 40.5 } };
  expect(await desktop.client.callTool(sum)).toMatchObject({ structuredContent: { sum: 42.5 } });
});

test("a client of today logs in and adds two numbers", async () => {
  await using client = await useNewClient(server.origin);
  const sum = { name: "add", arguments: { a: 2, b: 40.5 } };
  expect(await client.callTool(sum)).toMatchObject({ structuredContent: { sum: 42.5 } });
});
