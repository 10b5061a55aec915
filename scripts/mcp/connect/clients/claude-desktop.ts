import { createClaudeDesktopConfig } from "../../../../infra/claude-desktop.ts";
import type { ConnectClient } from "../client.ts";
import { inAppSettings } from "../machine.ts";

/** Claude Desktop starts local programs only, so mcp-remote stands between. */
export const claudeDesktop: ConnectClient = {
  id: "claude-desktop",
  title: "Claude Desktop",
  transports: ["sse", "http"],
  file: {
    format: "jsonc",
    section: "mcpServers",
    user: (machine) => inAppSettings(machine, "Claude", "claude_desktop_config.json"),
    createEntry({ name, origin, transport, url }) {
      const entry = createClaudeDesktopConfig(name, origin).mcpServers[name];
      return { ...entry, ...(transport === "http" && { args: ["mcp-remote", url] }) };
    },
  },
  listSteps: () => [
    "Quit Claude Desktop, from its menu or the tray, and start it again.",
    "A browser opens: sign in and approve.",
  ],
};
