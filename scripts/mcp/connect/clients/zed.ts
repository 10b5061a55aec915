import { zedForm } from "../../../../worker/pages/client-forms.ts";
import type { ConnectClient } from "../client.ts";
import { inAppSettings, inXdgConfig } from "../machine.ts";

/** Zed. Its documentation names no HTTP+SSE. */
export const zed: ConnectClient = {
  id: zedForm.id,
  title: zedForm.title,
  transports: ["http"],
  file: {
    format: "jsonc",
    section: zedForm.section,
    user: (machine) =>
      machine.platform === "win32"
        ? inAppSettings(machine, "Zed", "settings.json")
        : // On macOS as well.
          inXdgConfig(machine, "zed", "settings.json"),
    project: [".zed", "settings.json"],
    createEntry: zedForm.createEntry,
  },
  listSteps: ({ name }) => [
    `In Zed, open Settings, AI, MCP Servers and choose ${name}: a browser opens, sign in and approve.`,
  ],
};
