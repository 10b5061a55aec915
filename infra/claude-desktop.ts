/**
 * The entry for `claude_desktop_config.json`. Claude Desktop starts local programs only, so
 * mcp-remote stands between.
 */
export function createClaudeDesktopConfig(serverName: string, origin: string) {
  const server = { command: "npx", args: ["mcp-remote", `${origin}/sse`] };
  return { mcpServers: { [serverName]: server } };
}
