import { expect, test } from "vitest";
import { listClientSetups } from "./client-setups.ts";

const settings = {
  origin: "https://math.example.com",
  environment: "development",
  server: { name: "math", title: "Math", version: "0.0.0", instructions: "" },
  identity: { method: "demo" },
  allowedOrigins: [],
  tokens: { access: 3600, refreshIdle: 86_400 },
  clients: { metadataDocuments: true, registration: true },
  tools: {},
} as const;

test("Claude Desktop gets exactly the mcp-remote block for /sse", () => {
  const [claude] = listClientSetups({ ...settings, allowedOrigins: [] });
  expect(JSON.parse(claude?.snippet ?? "")).toEqual({
    mcpServers: { math: { command: "npx", args: ["mcp-remote", "https://math.example.com/sse"] } },
  });
});

test("every client's setup names this origin and no other", () => {
  for (const { client, where, snippet } of listClientSetups({ ...settings, allowedOrigins: [] })) {
    const urls = `${where} ${snippet}`.match(/https?:\/\/[^"\s,]+/g) ?? [];
    expect(urls.length, client).toBeGreaterThan(0);
    for (const url of urls) expect(url).toMatch(/^https:\/\/math\.example\.com\/(mcp|sse)$/);
  }
});

test("ChatGPT, which calls from the Internet, is told so on an address it cannot reach", () => {
  const hint = (origin: string) =>
    listClientSetups({ ...settings, allowedOrigins: [], origin }).find(
      ({ client }) => client === "ChatGPT",
    )?.hint;
  expect(hint("http://localhost:8787")).toMatch(/deployed/);
  expect(hint("https://math.example.com")).toBeUndefined();
});
