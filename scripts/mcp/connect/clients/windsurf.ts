import type { ConnectClient } from "../client.ts";
import { inHome } from "../machine.ts";

/** Windsurf (Cascade). The field is `serverUrl`; Cursor's `url` does not connect. */
export const windsurf: ConnectClient = {
  id: "windsurf",
  title: "Windsurf",
  transports: ["http", "sse"],
  file: {
    format: "jsonc",
    section: "mcpServers",
    user: (machine) => inHome(machine, ".codeium", "windsurf", "mcp_config.json"),
    createEntry: ({ url }) => ({ serverUrl: url }),
  },
  listSteps: () => [
    "In Windsurf, open Cascade's MCP servers and refresh: a browser opens, sign in and approve.",
  ],
};
