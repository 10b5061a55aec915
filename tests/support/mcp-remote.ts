import { join } from "node:path";
import type { Readable } from "node:stream";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { environmentWithoutBrowser } from "./no-browser.ts";
import { Output } from "./program.ts";

const program = join(import.meta.dirname, "../../node_modules/mcp-remote/dist/proxy.js");

/**
 * Starts the bridge as Claude Desktop does: as a stdio server with a command and arguments.
 * @param variables of its environment.
 */
export function startMcpRemote(
  args: readonly string[],
  home: string,
  variables: Readonly<Record<string, string>> = {},
) {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [program, ...args],
    env: {
      ...environmentWithoutBrowser(home),
      MCP_REMOTE_CONFIG_DIR: join(home, "mcp-auth"),
      ...variables,
    },
    stderr: "pipe",
  });
  const stderr = new Output(transport.stderr as Readable | null);
  const client = new Client({ name: "desktop", version: "1.0.0" });
  const connected = client.connect(transport);
  // Awaited after the login; a failure before it must not end the test run.
  connected.catch(() => undefined);
  return { client, connected, stderr };
}
