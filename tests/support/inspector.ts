import { join } from "node:path";
import type { TestContext } from "vitest";
import { requireApart } from "./apart.ts";
import { environmentWithoutBrowser } from "./no-browser.ts";

const clients = "@modelcontextprotocol/inspector/clients";

/** The MCP Inspector's one program: `--cli` or, by default, its web page. Skips the test where it is missing. */
export function requireInspector(skip: TestContext["skip"]): string {
  return requireApart(skip, `${clients}/launcher/build/index.js`);
}

/** The Inspector's CLI that keeps a connection between commands. Skips the test where it is missing. */
export function requireInspectorSession(skip: TestContext["skip"]): string {
  return requireApart(skip, `${clients}/mcpdo/build/mcp-bin.js`);
}

/**
 * The Inspector's environment: servers, tokens and secrets in one folder.
 * @param home folder for everything it writes.
 */
export function inspectorEnvironment(home: string): Record<string, string> {
  return {
    ...environmentWithoutBrowser(home),
    MCP_STORAGE_DIR: join(home, "storage"),
    MCP_INSPECTOR_OAUTH_STATE_PATH: join(home, "storage", "oauth.json"),
    MCP_CATALOG_PATH: join(home, "servers.json"),
    // Not the keychain of whoever runs the tests. Memory would lose the token between two runs.
    MCP_INSPECTOR_SECRET_STORE: "file",
  };
}
