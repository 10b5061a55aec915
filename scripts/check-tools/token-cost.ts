import type { Tool } from "../../worker/kit/define-tool.ts";
import { describeTool } from "../../worker/mcp/tool-description.ts";

/**
 * Bytes of JSON that make a token. Every model counts differently; schemas in English come to about
 * four, and the same rule for all makes two versions comparable.
 */
const bytesOfToken = 4;

/** Tokens that a tool's definition costs, as `tools/list` gives it. A model reads it with every request. */
export function estimateTokens(tool: Tool): number {
  const { length } = new TextEncoder().encode(JSON.stringify(describeTool(tool)));
  return Math.ceil(length / bytesOfToken);
}
