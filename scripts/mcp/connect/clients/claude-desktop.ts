import { claudeDesktopForm } from "../../../../worker/pages/client-forms.ts";
import type { ConnectClient } from "../client.ts";
import { inAppSettings } from "../machine.ts";

/** Claude Desktop: what it starts differs on Windows. */
export const claudeDesktop: ConnectClient = {
  id: claudeDesktopForm.id,
  title: claudeDesktopForm.title,
  transports: ["sse", "http"],
  file: {
    format: "jsonc",
    section: claudeDesktopForm.section,
    user: (machine) => inAppSettings(machine, "Claude", "claude_desktop_config.json"),
    createEntry(target, { platform }) {
      const { command, args } = claudeDesktopForm.createEntry(target);
      const line = [command, ...args];
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
