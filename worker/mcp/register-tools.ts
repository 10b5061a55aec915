import type { McpServer } from "@modelcontextprotocol/server";
import type { Tool } from "../kit/define-tool.ts";
import type { Features } from "../kit/features.ts";
import type { Connection } from "./call.ts";
import { listFormerTools } from "./former-tools.ts";
import { challengeScope, listServerIcons } from "./registration.ts";
import { isGranted } from "./scopes.ts";
import { answerFormer, runTool } from "./tool-calls.ts";
import { describeTool, toDescribingSchema } from "./tool-description.ts";

/**
 * The one way a tool reaches a client: its scope is checked, its arguments are validated, its answer
 * is bounded, and its outcome is logged.
 */
export function registerTools(
  server: McpServer,
  { tools, removedTools }: Pick<Features, "tools" | "removedTools">,
  connection: Connection,
): void {
  for (const tool of tools) {
    const { inputSchema } = describeTool(tool);
    server.registerTool(
      tool.name,
      {
        inputSchema: toDescribingSchema(inputSchema),
        // Answers 403 insufficient_scope before the call.
        scopeChallenge: challengeScope(connection, tool.scope),
      },
      (args, ctx) => runTool(tool, args, ctx, connection),
    );
  }
  // Not listed, and without a scope: whoever calls one learns what to call instead.
  const formerTools = listFormerTools(tools, removedTools);
  for (const [name, words] of formerTools) {
    const inputSchema = toDescribingSchema({ type: "object" });
    server.registerTool(name, { inputSchema }, (_args, ctx) => answerFormer(name, words, ctx));
  }
  if (tools.length + formerTools.size > 0) listTools(server, tools, connection);
}

/**
 * `tools/list` with what the SDK's own leaves out: the scope of each tool, as ChatGPT reads it. A
 * model never calls a tool it cannot see, so all are listed unless the stack says otherwise.
 */
function listTools(server: McpServer, tools: readonly Tool[], connection: Connection): void {
  const { settings, scopes } = connection;
  const icons = listServerIcons(settings);
  server.server.setRequestHandler("tools/list", (_request, { http }) => {
    const granted = http?.authInfo?.scopes ?? [];
    const visible = settings.hideUngrantedTools
      ? tools.filter(({ scope }) => isGranted(scopes, granted, scope))
      : tools;
    return {
      tools: visible.map((tool) => ({ ...describeTool(tool), icons: tool.icons ?? icons })),
    };
  });
}
