import type { AuthInfo, CallToolResult } from "@modelcontextprotocol/server";
import { McpServer, requireScopes } from "@modelcontextprotocol/server";
import type { WorkerSettings } from "../env.ts";
import { logEvent, logFailure } from "../log.ts";
import type { Tool, ToolContext } from "../tools/define-tool.ts";
import { ToolError, toCallToolResult } from "../tools/define-tool.ts";
import { tools } from "../tools/index.ts";
import { personProps } from "./caller.ts";
import { allScopes } from "./policy.ts";

/**
 * Builds the MCP server for one request or one session. Never shared: an instance that serves two
 * clients at once mixes up their answers (GHSA-345p-7cg4-v4c7).
 */
export function createServer(settings: WorkerSettings): McpServer {
  const { name, title, version, instructions, icon } = settings.server;
  const icons = icon === undefined ? undefined : [{ src: icon }];
  const server = new McpServer(
    { name, title, version, websiteUrl: settings.origin, ...(icons && { icons }) },
    { instructions, capabilities: { tools: {} } },
  );
  for (const tool of tools) registerTool(server, tool);
  return server;
}

/**
 * The one way a tool reaches a client: its scope is checked, its arguments are validated, and its
 * outcome is logged.
 */
function registerTool(server: McpServer, tool: Tool): void {
  server.registerTool(
    tool.name,
    {
      title: tool.title,
      description: tool.description,
      inputSchema: tool.input,
      outputSchema: tool.output,
      annotations: tool.annotations,
      // Answers 403 insufficient_scope before the call, where the transport is one POST a request.
      scopeChallenge: requireScopes(tool.scope),
    },
    async (args, { http, mcpReq }) => {
      const started = Date.now();
      const { result, outcome } = await callTool(tool, args, http?.authInfo, mcpReq.signal);
      logEvent("tool", { tool: tool.name, outcome, durationMs: Date.now() - started });
      return result;
    },
  );
}

/** Runs one call and turns every ending of it into a result that a model can act on. */
async function callTool(
  tool: Tool,
  args: Record<string, unknown>,
  authInfo: AuthInfo | undefined,
  signal: AbortSignal,
): Promise<{ result: CallToolResult; outcome: "ok" | "refused" | "mistake" | "failed" }> {
  if (!authInfo?.scopes.includes(tool.scope)) {
    // Reached over HTTP+SSE only, whose messages are answered before the call is looked at.
    const text = `This needs the scope ${tool.scope}. Connect again and allow it.`;
    return { result: toErrorResult(text), outcome: "refused" };
  }
  try {
    const answer = await tool.run(args, toToolContext(authInfo, signal));
    return { result: toCallToolResult(answer), outcome: "ok" };
  } catch (error) {
    if (error instanceof ToolError) {
      return { result: toErrorResult(error.message), outcome: "mistake" };
    }
    logFailure("tool-failure", error, { tool: tool.name });
    const text = `The tool ${tool.name} failed on the server. Try again later.`;
    return { result: toErrorResult(text), outcome: "failed" };
  }
}

function toToolContext(authInfo: AuthInfo, signal: AbortSignal): ToolContext {
  const { userId, email, method } = personProps.parse(authInfo.extra?.props);
  return {
    person: { id: userId, email, method },
    clientId: authInfo.clientId,
    scopes: allScopes.filter((scope) => authInfo.scopes.includes(scope)),
    signal,
  };
}

function toErrorResult(text: string): CallToolResult {
  return { content: [{ type: "text", text }], isError: true };
}
