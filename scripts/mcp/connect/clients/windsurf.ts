import type { ConnectClient } from "../client.ts";
import { inHome } from "../machine.ts";
import { tellVariable, toBearerHeaders } from "../with-token.ts";

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
  token: {
    createEntry: ({ url }, variable) => ({
      serverUrl: url,
      ...toBearerHeaders(`\${env:${variable}}`),
    }),
    listSteps: (_target, variable) => [
      tellVariable("Windsurf", variable),
      "Start Windsurf again, and refresh Cascade's MCP servers.",
    ],
  },
  listSteps: () => [
    "In Windsurf, open Cascade's MCP servers and refresh: a browser opens, sign in and approve.",
  ],
};
