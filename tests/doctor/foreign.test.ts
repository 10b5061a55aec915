import { build } from "esbuild";
import { expect, onTestFinished, test } from "vitest";
import { findFreePort } from "../../scripts/runtime/free-port.ts";
import { loadMiniflare } from "../../scripts/runtime/load-miniflare.ts";
import { examine, findTroubles, type Lines } from "./examine.ts";
import { startForeignServer } from "./foreign-server.ts";

/** Ids of the lines that could not be looked at. */
function findBlind(lines: Lines): string[] {
  return [...lines.values()].flatMap(({ verdict, check }) =>
    verdict === "not checked" ? [check.id] : [],
  );
}

test("a server of the SDK's own parts has no failed line: what only this project promises is a warning", async () => {
  await using server = await startForeignServer("/api/assistant");
  const lines = await examine(server.url);
  expect(findTroubles(lines)).toEqual({
    // Express says 404 with a page.
    "unknown-well-known": "warning",
    "cimd-flag": "warning",
    iss: "warning",
    // Only its authorization server answers pages.
    cors: "warning",
    preflight: "warning",
    // The SDK's registration takes any redirect that is not a script.
    "bad-registration": "warning",
  });
  // It has no second endpoint, and neither personal tokens nor companies.
  expect(findBlind(lines)).toEqual([
    "challenge-sse",
    "personal-tokens",
    "cimd",
    "company-assertions",
  ]);
  expect(lines.get("resource")?.reason).toBe(server.url);
  // Each client that stays at somebody else's server is named.
  expect(lines.get("registration")?.reason).toMatch(/as [\da-f-]{36};/);
  expect(lines.get("bad-registration")?.reason).toMatch(/client [\da-f-]{36}/);
});

test("a foreign endpoint at /mcp is found by the bare origin, and no /sse is missed", async () => {
  await using server = await startForeignServer("/mcp");
  const lines = await examine(server.origin);
  expect(Object.values(findTroubles(lines))).not.toContain("failed");
  expect(lines.get("resource-metadata-path")?.reason).toContain("There is no endpoint /sse.");
  expect(lines.get("challenge-sse")).toMatchObject({
    verdict: "not checked",
    reason: expect.stringContaining("no /sse here"),
  });
});

test("an endpoint elsewhere is asked for, where the bare origin is given", async () => {
  await using server = await startForeignServer("/api/assistant");
  const lines = await examine(server.origin);
  expect(findTroubles(lines)).toEqual({ answers: "failed" });
  expect(lines.get("answers")?.remedy).toContain("address of the MCP endpoint itself");
});

test("a Worker of the OAuth library alone has no failed line", async () => {
  const { outputFiles } = await build({
    entryPoints: ["tests/support/worker/foreign-worker.ts"],
    bundle: true,
    write: false,
    format: "esm",
    external: ["cloudflare:*"],
  });
  const port = await findFreePort();
  const origin = `http://localhost:${port}`;
  const { Miniflare } = loadMiniflare();
  const server = new Miniflare({
    modules: true,
    script: outputFiles[0]?.text ?? "",
    kvNamespaces: ["OAUTH_KV"],
    bindings: { ORIGIN: origin },
    host: "127.0.0.1",
    port,
  });
  onTestFinished(() => server.dispose());
  await server.ready;
  const lines = await examine(`${origin}/mcp`);
  // It names no scope, and reads metadata documents only where it is told to.
  expect(findTroubles(lines)).toEqual({ "challenge-mcp": "warning", "cimd-flag": "warning" });
});
