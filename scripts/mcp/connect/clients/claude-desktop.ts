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
    createEntry({ name, origin, transport, url }, { platform }) {
      const { command = "", args = [] } =
        createClaudeDesktopConfig(name, origin).mcpServers[name] ?? {};
      const line = [command, ...(transport === "http" ? ["mcp-remote", url] : args)];
      // There npx is a file of cmd.exe's, which no program starts by itself (code.claude.com/docs/en/mcp).
      const [program = "", ...rest] = platform === "win32" ? ["cmd", "/c", ...line] : line;
      return { command: program, args: rest };
    },
  },
  listSteps: () => [
    "Quit Claude Desktop, from its menu or the tray, and start it again.",
    "A browser opens: sign in and approve.",
  ],
};
