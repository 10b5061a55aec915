import { vscodeForm } from "../../../../worker/pages/client-forms.ts";
import type { ConnectClient, Target } from "../client.ts";
import { inAppSettings } from "../machine.ts";
import { toBearerHeaders } from "../with-token.ts";

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
  // Of variables its headers take those that it asks for alone (microsoft/vscode#336232).
  token: {
    createEntry: (target) => createEntry(target),
    createBeside: (target) => ({ list: "inputs", element: createInput(target) }),
    listOtherWays: (target) => [
      {
        what: "In a terminal (bash, zsh, PowerShell 7.3 and newer)",
        line: `code --add-mcp '${JSON.stringify({ name: target.name, ...createEntry(target), inputs: [createInput(target)] })}'`,
      },
    ],
    listSteps: ({ name }) => [
      `In VS Code, run the command "MCP: List Servers", choose ${name}, then Start Server: it asks for the token once and keeps it in the system's store of secrets.`,
    ],
  },
  listSteps: ({ name }) => [
    `In VS Code, run the command "MCP: List Servers", choose ${name}, then Start Server: a browser opens, sign in and approve.`,
  ],
};

function createEntry(target: Target) {
  return {
    ...vscodeForm.createEntry(target),
    ...toBearerHeaders(`\${input:${toInputId(target)}}`),
  };
}

/** VS Code's question to the person, whose answer it does not show. */
function createInput(target: Target) {
  const description = `Token for ${target.name}`;
  return { type: "promptString", id: toInputId(target), description, password: true };
}

function toInputId({ name }: Target): string {
  return `${name}-token`;
}
