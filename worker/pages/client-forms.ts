/**
 * How programs on a person's own computer are told about a server: the snippets that the home page shows, `connect`
 * writes and a stack's output has.
 */

export interface ClientTarget {
  /** Name of the server in the client. */
  readonly name: string;
  /** Streamable HTTP, or the older HTTP+SSE. */
  readonly transport: "http" | "sse";
  /** The endpoint: `<origin>/mcp` or `<origin>/sse`. */
  readonly url: string;
}

/** Claude Desktop only starts local programs, so mcp-remote is in between. */
export const claudeDesktopForm = {
  id: "claude-desktop",
  title: "Claude Desktop",
  section: "mcpServers",
  createEntry: ({ url }: ClientTarget) => ({ command: "npx", args: ["mcp-remote", url] }),
} as const;

/** Claude Code has a command of its own for it, which adds the server to every project of the person. */
export const claudeCodeForm = {
  id: "claude-code",
  title: "Claude Code",
  section: "mcpServers",
  createEntry: ({ transport, url }: ClientTarget) => ({ type: transport, url }),
  createLine: ({ name, transport, url }: ClientTarget) =>
    `claude mcp add --transport ${transport} --scope user ${name} ${url}`,
} as const;

/** Cursor finds out by itself which transport the URL has. */
export const cursorForm = {
  id: "cursor",
  title: "Cursor",
  section: "mcpServers",
  createEntry: ({ url }: ClientTarget) => ({ url }),
} as const;

/** Visual Studio Code */
export const vscodeForm = {
  id: "vscode",
  title: "VS Code",
  section: "servers",
  createEntry: ({ transport, url }: ClientTarget) => ({ type: transport, url }),
} as const;

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
