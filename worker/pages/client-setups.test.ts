import { expect, test } from "vitest";
import { workerSettings } from "../../tests/support/worker-settings.ts";
import { listClientSetups } from "./client-setups.ts";

const settings = { ...workerSettings, origin: "https://mcp.example.com" };

test("Claude Desktop gets exactly the mcp-remote block for /sse", () => {
  const [claude] = listClientSetups(settings);
  expect(JSON.parse(claude?.snippet ?? "")).toEqual({
    mcpServers: {
      example: { command: "npx", args: ["mcp-remote", "https://mcp.example.com/sse"] },
    },
  });
});

test("every client's setup names this origin and no other", () => {
  for (const { client, where, snippet } of listClientSetups(settings)) {
    const urls = `${where} ${snippet}`.match(/https?:\/\/[^"\s,]+/g) ?? [];
    expect(urls.length, client).toBeGreaterThan(0);
    for (const url of urls) expect(url).toMatch(/^https:\/\/mcp\.example\.com\/(mcp|sse)$/);
  }
});

test.for(["chatgpt", "claude-ai"])(
  "%s, which calls from the Internet, is told so on an address it cannot reach",
  (wanted) => {
    const hint = (origin: string) =>
      listClientSetups({ ...settings, origin }).find(({ id }) => id === wanted)?.hint;
    expect(hint("http://localhost:8787")).toMatch(/deployed/);
    expect(hint("https://mcp.example.com")).toBeUndefined();
  },
);
