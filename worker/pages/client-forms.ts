/**
 * Every client that people connect: what the home page shows of it, `connect` writes and a stack's output has. One form
 * each, in the order of `clientForms`.
 */

export interface ClientTarget {
  /** Name of the server in the client. */
  readonly name: string;
  /** Streamable HTTP, or the older HTTP+SSE. */
  readonly transport: "http" | "sse";
  /** The endpoint: `<origin>/mcp` or `<origin>/sse`. */
  readonly url: string;
}

/** How a client is told about a server. */
export interface ClientForm {
  /** As `connect` takes it, and the home page's fragment: `/#claude-code`. */
  readonly id: string;
  readonly title: string;
  /** Where what is copied goes: the line, else the file, else the URL alone. */
  readonly where: string | ((target: ClientTarget) => string);
  /** Whether it calls from the Internet, whoever uses it. */
  readonly isHosted?: true;
  /** The transport that it is shown with. Default: `http`. */
  readonly transport?: ClientTarget["transport"];
  /** Keys above the entries of its configuration file. */
  readonly section?: string;
  createEntry?(target: ClientTarget): object;
  /** A line for a terminal, which does the same as an entry or starts the client. */
  createLine?(target: ClientTarget): string;
}

/** Claude Desktop only starts local programs, so mcp-remote is in between. */
export const claudeDesktopForm = {
  id: "claude-desktop",
  title: "Claude Desktop",
  where:
    "claude_desktop_config.json, from Settings, Developer, Edit Config; then start Claude again",
  transport: "sse",
  section: "mcpServers",
  createEntry: ({ url }: ClientTarget) => ({ command: "npx", args: ["mcp-remote", url] }),
} as const satisfies ClientForm;

/** Claude Code has a command of its own for it, which adds the server to every project of the person. */
export const claudeCodeForm = {
  id: "claude-code",
  title: "Claude Code",
  where: "In a terminal; then /mcp in Claude Code",
  section: "mcpServers",
  createEntry: ({ transport, url }: ClientTarget) => ({ type: transport, url }),
  createLine: ({ name, transport, url }: ClientTarget) =>
    `claude mcp add --transport ${transport} --scope user ${name} ${url}`,
} as const satisfies ClientForm;

/** All of them call from Anthropic's cloud, the connectors of Claude Desktop as well. */
export const claudeAiForm = {
  id: "claude.ai",
  title: "Claude on the web and the phone",
  where: "Customize, Connectors, Add custom connector; then this URL",
  isHosted: true,
} as const satisfies ClientForm;

/** ChatGPT on the web, which calls from OpenAI's cloud. */
export const chatgptForm = {
  id: "chatgpt",
  title: "ChatGPT",
  where: "Settings, Apps, developer mode on; then add an MCP server with this URL",
  isHosted: true,
} as const satisfies ClientForm;

/** Cursor finds out by itself which transport the URL has. */
export const cursorForm = {
  id: "cursor",
  title: "Cursor",
  where: "~/.cursor/mcp.json, or .cursor/mcp.json in a project",
  section: "mcpServers",
  createEntry: ({ url }: ClientTarget) => ({ url }),
} as const satisfies ClientForm;

/** Visual Studio Code. */
export const vscodeForm = {
  id: "vscode",
  title: "VS Code",
  where: ".vscode/mcp.json",
  section: "servers",
  createEntry: ({ transport, url }: ClientTarget) => ({ type: transport, url }),
} as const satisfies ClientForm;

/** The CLI, the editor extension and the desktop app read one file. */
export const codexForm = {
  id: "codex",
  title: "Codex",
  where: ({ name }) => `In a terminal; then codex mcp login ${name}`,
  section: "mcp_servers",
  createEntry: ({ url }: ClientTarget) => ({ url }),
  createLine: ({ name, url }: ClientTarget) => `codex mcp add ${name} --url ${url}`,
} as const satisfies ClientForm;

/** Windsurf (Cascade). The field is `serverUrl`; Cursor's `url` does not connect. */
export const windsurfForm = {
  id: "windsurf",
  title: "Windsurf",
  where: "~/.codeium/windsurf/mcp_config.json; then refresh in Cascade",
  section: "mcpServers",
  createEntry: ({ url }: ClientTarget) => ({ serverUrl: url }),
} as const satisfies ClientForm;

/** Zed. */
export const zedForm = {
  id: "zed",
  title: "Zed",
  where: "Zed's settings.json",
  section: "context_servers",
  createEntry: ({ url }: ClientTarget) => ({ url }),
} as const satisfies ClientForm;

/** Gemini CLI. `httpUrl` is Streamable HTTP; `url` would be HTTP+SSE. */
export const geminiForm = {
  id: "gemini",
  title: "Gemini CLI",
  where: ({ name }) => `In a terminal; then /mcp auth ${name} in Gemini CLI`,
  section: "mcpServers",
  createEntry: ({ transport, url }: ClientTarget) =>
    transport === "http" ? { httpUrl: url } : { url },
  createLine: ({ name, transport, url }: ClientTarget) =>
    `gemini mcp add --transport ${transport} --scope user ${name} ${url}`,
} as const satisfies ClientForm;

/** The MCP Inspector, whose web page and CLI read one catalog of servers. */
export const inspectorForm = {
  id: "inspector",
  title: "MCP Inspector",
  where: ({ url }) =>
    `Start it, add a server by hand with the transport SSE and the URL ${url}, and connect`,
  transport: "sse",
  section: "mcpServers",
  createEntry: ({ transport, url }: ClientTarget) => ({
    type: transport === "http" ? "streamable-http" : "sse",
    url,
  }),
  createLine: () => "npx @modelcontextprotocol/inspector",
} as const satisfies ClientForm;

/** Every client, in the order they are listed. */
export const clientForms: readonly ClientForm[] = [
  claudeDesktopForm,
  claudeCodeForm,
  claudeAiForm,
  chatgptForm,
  cursorForm,
  vscodeForm,
  codexForm,
  windsurfForm,
  zedForm,
  geminiForm,
  inspectorForm,
];

/** A client's whole configuration file with this server as its only entry. */
export function createConfig<Entry>(
  form: { readonly section: string; createEntry(target: ClientTarget): Entry },
  target: ClientTarget,
): Record<string, Record<string, Entry>> {
  return { [form.section]: { [target.name]: form.createEntry(target) } };
}

/** The same for Claude Desktop at a server of this project, whose endpoint for it is `/sse`. */
export function createClaudeDesktopConfig(name: string, origin: string) {
  return createConfig(claudeDesktopForm, { name, transport: "sse", url: `${origin}/sse` });
}
