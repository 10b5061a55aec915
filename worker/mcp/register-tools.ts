import type { McpServer } from "@modelcontextprotocol/server";
import type { Tool } from "../tools/define-tool.ts";
import type { Connection } from "./call.ts";
import { isGranted } from "./policy.ts";
import { challengeScope, listServerIcons } from "./registration.ts";
import { runTool } from "./tool-calls.ts";
import { describeTool, toDescribingSchema } from "./tool-description.ts";

/**
 * The one way a tool reaches a client: its scope is checked, its arguments are validated, its answer
 * is bounded, and its outcome is logged.
 */
export function registerTools(
  server: McpServer,
  tools: readonly Tool[],
  connection: Connection,
): void {
  for (const tool of tools) {
    const { inputSchema } = describeTool(tool);
    server.registerTool(
      tool.name,
      {
        inputSchema: toDescribingSchema(inputSchema),
        // Answers 403 insufficient_scope before the call.
        scopeChallenge: challengeScope(tool.scope),
      },
      (args, ctx) => runTool(tool, args, ctx, connection),
    );
  }
  if (tools.length > 0) listTools(server, tools, connection);
}

/**
 * `tools/list` with what the SDK's own leaves out: the scope of each tool, as ChatGPT reads it. A
 * model never calls a tool it cannot see, so all are listed unless the stack says otherwise.
 */
function listTools(server: McpServer, tools: readonly Tool[], { settings }: Connection): void {
  const icons = listServerIcons(settings);
  server.server.setRequestHandler("tools/list", (_request, { http }) => {
    const granted = http?.authInfo?.scopes ?? [];
    const visible = settings.hideUngrantedTools
      ? tools.filter(({ scope }) => isGranted(granted, scope))
      : tools;
    return {
      tools: visible.map((tool) => ({ ...describeTool(tool), icons: tool.icons ?? icons })),
    };
  });
}
