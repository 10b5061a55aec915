import { vscodeForm } from "../../../../worker/pages/client-forms.ts";
import type { ConnectClient } from "../client.ts";
import { inAppSettings } from "../machine.ts";

/** Visual Studio Code. Its `inputs`, beside the servers, stay as they are. */
export const vscode: ConnectClient = {
  id: vscodeForm.id,
  title: vscodeForm.title,
  transports: ["http", "sse"],
  file: {
    format: "jsonc",
    section: vscodeForm.section,
    user: (machine) => inAppSettings(machine, "Code", "User", "mcp.json"),
    project: [".vscode", "mcp.json"],
    createEntry: vscodeForm.createEntry,
  },
  listOtherWays: (target) => [
    {
      what: "In a terminal (bash, zsh, PowerShell 7.3 and newer)",
      line: `code --add-mcp '${JSON.stringify({ name: target.name, ...vscodeForm.createEntry(target) })}'`,
    },
  ],
  listSteps: ({ name }) => [
    `In VS Code, run the command "MCP: List Servers", choose ${name}, then Start Server: a browser opens, sign in and approve.`,
  ],
};
