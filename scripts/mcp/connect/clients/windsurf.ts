import { windsurfForm } from "../../../../worker/pages/client-forms.ts";
import type { ConnectClient } from "../client.ts";
import { inHome } from "../machine.ts";
import { tellVariable, toBearerHeaders } from "../with-token.ts";

/** Windsurf (Cascade). */
export const windsurf: ConnectClient = {
  id: windsurfForm.id,
  title: windsurfForm.title,
  transports: ["http", "sse"],
  file: {
    format: "jsonc",
    section: windsurfForm.section,
    user: (machine) => inHome(machine, ".codeium", "windsurf", "mcp_config.json"),
    createEntry: windsurfForm.createEntry,
  },
  token: {
    createEntry: (target, variable) => ({
      ...windsurfForm.createEntry(target),
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
