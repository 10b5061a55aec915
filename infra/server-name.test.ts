import { expect, test } from "vitest";
import { toServerName, toServerTitle } from "./server-name.ts";
import { settingsSchema } from "./settings.ts";

test.each([
  ["acme-orders", "acme-orders", "Acme orders"],
  ["Acme.Orders", "acme-orders", "Acme orders"],
  ["remote-mcp-server", "remote-mcp-server", "Remote MCP server"],
  ["_acme_2", "acme-2", "Acme 2"],
  ["...", "server", "Server"],
  ["x".repeat(100), "x".repeat(100), `X${"x".repeat(79)}`],
])("the project %s has a server %s, called %s", (project, name, title) => {
  expect(toServerName(project)).toBe(name);
  expect(toServerTitle(project)).toBe(title);
  expect(settingsSchema.shape.serverName.parse(name)).toBe(name);
  expect(settingsSchema.shape.serverTitle.parse(title)).toBe(title);
});
