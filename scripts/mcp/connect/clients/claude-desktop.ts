import { claudeDesktopForm } from "../../../../worker/pages/client-forms.ts";
import type { ConnectClient, Entry, Target } from "../client.ts";
import { inAppSettings, type Machine } from "../machine.ts";

/** Claude Desktop: what it starts differs on Windows. */
export const claudeDesktop: ConnectClient = {
  id: claudeDesktopForm.id,
  title: claudeDesktopForm.title,
  transports: ["sse", "http"],
  file: {
    format: "jsonc",
    section: claudeDesktopForm.section,
    user: (machine) => inAppSettings(machine, "Claude", "claude_desktop_config.json"),
    createEntry: (target, machine) => createEntry(target, machine),
  },
  token: {
    // mcp-remote puts the variable in. No space: on Windows an argument breaks at one.
    createEntry: (target, variable, machine) =>
      createEntry(target, machine, "--header", `Authorization:\${${variable}}`),
    listSteps: (_target, variable) => [
      `Set the environment variable ${variable} of your account to the word Bearer, a space and the token, so that Claude Desktop starts with it (Windows: setx; macOS: launchctl setenv).`,
      "Quit Claude Desktop, from its menu or the tray, and start it again.",
    ],
  },
  listSteps: () => [
    "Quit Claude Desktop, from its menu or the tray, and start it again.",
    "A browser opens: sign in and approve.",
  ],
};

function createEntry(target: Target, { platform }: Machine, ...more: readonly string[]): Entry {
  const { command, args } = claudeDesktopForm.createEntry(target);
  const line = [command, ...args, ...more];
  // There npx is a file of cmd.exe's, which no program starts by itself (code.claude.com/docs/en/mcp).
  const [program = "", ...rest] = platform === "win32" ? ["cmd", "/c", ...line] : line;
  return { command: program, args: rest };
}
