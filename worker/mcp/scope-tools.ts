import type { Tool } from "../tools/define-tool.ts";
import { isGranted, type Scope } from "./policy.ts";

/** The tools that a scope opens, by itself or by what it includes. */
export function listOpenedTools(scope: Scope, tools: readonly Tool[]): Tool[] {
  return tools.filter((tool) => isGranted([scope], tool.scope));
}
