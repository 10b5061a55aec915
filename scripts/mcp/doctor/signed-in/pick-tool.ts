import type { Tool } from "@modelcontextprotocol/client";
import * as z from "zod";

/** Where a tool says what it needs, as ChatGPT reads it and this server writes it. */
const declaration = z.object({
  securitySchemes: z.array(z.object({ scopes: z.array(z.string()).default([]) })),
});

/** Tools that do nothing but answer, with no argument they insist on: the ones with fewest arguments first. */
function listSafeTools(tools: readonly Tool[]): Tool[] {
  const countArguments = ({ inputSchema }: Tool) =>
    Object.keys(inputSchema.properties ?? {}).length;
  return tools
    .filter(({ annotations }) => annotations?.readOnlyHint === true)
    .filter(({ inputSchema }) => (inputSchema.required ?? []).length === 0)
    .sort((a, b) => countArguments(a) - countArguments(b));
}

/** The scopes that a tool says it needs. */
export function listDeclaredScopes(tool: Tool): string[] {
  const { data } = declaration.safeParse("securitySchemes" in tool ? tool : tool._meta);
  return data?.securitySchemes.flatMap(({ scopes }) => scopes) ?? [];
}

/** A tool that may be called to see an answer. @param scope what the token allows, if it says so. */
export function pickAllowedTool(
  tools: readonly Tool[],
  scope: string | undefined,
): Tool | undefined {
  return listSafeTools(tools).find((tool) => isAllowed(tool, scope));
}

/** A tool that says it needs more than the token allows. */
export function pickForbiddenTool(
  tools: readonly Tool[],
  scope: string | undefined,
): Tool | undefined {
  return listSafeTools(tools).find((tool) => !isAllowed(tool, scope));
}

/** A tool that says how to see its progress, and with what to call it. */
export interface ProgressExample {
  readonly tool: Tool;
  readonly args: Record<string, unknown>;
}

/** The first tool that only reads and says in the list with what to call it to see its progress. */
export function findProgressExample(tools: readonly Tool[]): ProgressExample | undefined {
  for (const tool of tools) {
    const args = exampleArguments.safeParse(tool._meta?.["remote-mcp-server/progress-example"]);
    if (args.success && tool.annotations?.readOnlyHint === true) return { tool, args: args.data };
  }
  return undefined;
}

const exampleArguments = z.record(z.string(), z.unknown());

/** Whether a token of these scopes is enough for what a tool says it needs. */
export function isAllowed(tool: Tool, scope: string | undefined): boolean {
  // Without a word about scopes, as much was granted as was asked (RFC 6749 section 5.1).
  if (scope === undefined) return true;
  const granted = scope.split(" ");
  return listDeclaredScopes(tool).every((needed) => granted.includes(needed));
}
