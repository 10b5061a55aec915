import type { WorkerSettings } from "../env.ts";
import {
  claudeCodeForm,
  claudeDesktopForm,
  createClaudeDesktopConfig,
  createConfig,
  cursorForm,
  vscodeForm,
} from "./client-forms.ts";

export interface ClientSetup {
  /** Fragment of the home page's address that leads to it: `/#claude-code`. */
  readonly id: string;
  readonly client: string;
  /** Where the snippet goes, or what to do with it. */
  readonly where: string;
  /** To copy as it is. */
  readonly snippet: string;
  /** What else to know. */
  readonly hint?: string;
}

/** The setup of every client that the home page names, with this server's own addresses. */
export function listClientSetups({ origin, server: { name } }: WorkerSettings): ClientSetup[] {
  const mcp = `${origin}/mcp`;
  const sse = `${origin}/sse`;
  const target = { name, transport: "http", url: mcp } as const;
  const hosted = (client: string) =>
    origin.startsWith("http:") && {
      hint: `${client} calls from the Internet, so this works once the server is deployed.`,
    };
  return [
    {
      ...toHead(claudeDesktopForm),
      where: "claude_desktop_config.json, from Settings, Developer, Edit Config",
      snippet: toJson(createClaudeDesktopConfig(name, origin)),
      hint: "Start Claude again. A browser opens for the sign-in.",
    },
    {
      id: "claude-ai",
      client: "Claude on the web and the phone",
      where: "Customize, Connectors, Add custom connector; then this URL",
      snippet: mcp,
      ...hosted("Claude"),
    },
    {
      ...toHead(claudeCodeForm),
      where: "In a terminal; then /mcp in Claude Code",
      snippet: claudeCodeForm.createLine(target),
    },
    {
      ...toHead(cursorForm),
      where: "~/.cursor/mcp.json, or .cursor/mcp.json in a project",
      snippet: toJson(createConfig(cursorForm, target)),
    },
    {
      ...toHead(vscodeForm),
      where: ".vscode/mcp.json",
      snippet: toJson(createConfig(vscodeForm, target)),
    },
    {
      id: "chatgpt",
      client: "ChatGPT",
      where: "Settings, Apps, developer mode on; then add an MCP server with this URL",
      snippet: mcp,
      ...hosted("ChatGPT"),
    },
    {
      id: "inspector",
      client: "MCP Inspector",
      where: `Start it, add a server by hand with the transport SSE and the URL ${sse}, and connect`,
      snippet: "npx @modelcontextprotocol/inspector",
    },
  ];
}

function toHead({ id, title }: { readonly id: string; readonly title: string }) {
  return { id, client: title };
}

function toJson(value: object): string {
  return JSON.stringify(value, null, 2);
}
