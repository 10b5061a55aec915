import type { McpServer } from "@modelcontextprotocol/server";
import type { WorkerSettings } from "../env.ts";
import type { Tool } from "../kit/define-tool.ts";
import type { Features } from "../kit/features.ts";
import type { McpConnection } from "./call.ts";
import { listFormerTools } from "./former-tools.ts";
import { challengeScope, listServerIcons } from "./registration.ts";
import { isGranted } from "./scopes.ts";
import { answerFormer, runTool } from "./tool-calls.ts";
import {
  describeInput,
  describeTool,
  type ToolDescription,
  toDescribingSchema,
} from "./tool-description.ts";

/**
 * The one way a tool reaches a client: its scope is checked, its arguments are validated, its answer
 * is bounded, and its outcome is logged.
 */
export function registerTools(
  server: McpServer,
  offered: Pick<Features, "tools" | "removedTools">,
  connection: McpConnection,
): void {
  for (const tool of offered.tools) {
    server.registerTool(
      tool.name,
      {
        inputSchema: describeInput(tool),
        // Answers 403 insufficient_scope before the call.
        scopeChallenge: challengeScope(connection, tool.scope),
      },
      (args, ctx) => runTool(tool, args, ctx, connection),
    );
  }
  // Not listed, and without a scope: the answer says what to call instead.
  for (const [name, words] of findFormerTools(offered)) {
    server.registerTool(name, { inputSchema: anyObject }, (_args, ctx) =>
      answerFormer(name, words, ctx),
    );
  }
}

const anyObject = toDescribingSchema({ type: "object" });

const formerTools = new WeakMap<object, ReadonlyMap<string, string>>();

/** See `listFormerTools`. Computed once in an isolate for each set of features. */
function findFormerTools(
  offered: Pick<Features, "tools" | "removedTools">,
): ReadonlyMap<string, string> {
  const known = formerTools.get(offered);
  if (known !== undefined) return known;
  const made = listFormerTools(offered.tools, offered.removedTools);
  formerTools.set(offered, made);
  return made;
}

/** Whether there is anything that `tools/call` could name. */
export function hasTools(features: Features): boolean {
  return features.tools.length > 0 || findFormerTools(features).size > 0;
}

/** Lists of tools by the names in them, for the tools and the icon of each server. */
const lists = new WeakMap<readonly Tool[], Map<string, readonly ToolEntry[]>>();

/** How many are kept: each set of granted scopes may have one. */
const mostLists = 64;

type ToolEntry = ToolDescription & { readonly icons: Tool["icons"] & object };

/**
 * `tools/list` with what the SDK leaves out: the scope of each tool, in the form that ChatGPT reads. A
 * model never calls a tool it cannot see, so all are listed unless the stack says otherwise.
 */
export function listTools(
  server: McpServer,
  tools: readonly Tool[],
  { settings, scopes }: Pick<McpConnection, "settings" | "scopes">,
): void {
  server.server.setRequestHandler("tools/list", (_request, { http }) => {
    const granted = http?.authInfo?.scopes ?? [];
    const visible = settings.hideUngrantedTools
      ? tools.filter(({ scope }) => isGranted(scopes, granted, scope))
      : tools;
    return { tools: [...findList(tools, visible, settings)] };
  });
}

function findList(tools: readonly Tool[], visible: readonly Tool[], settings: WorkerSettings) {
  const icons = listServerIcons(settings);
  const known = lists.get(tools) ?? new Map<string, readonly ToolEntry[]>();
  lists.set(tools, known);
  const key = JSON.stringify([icons, visible.map(({ name }) => name)]);
  const found = known.get(key);
  if (found !== undefined) return found;
  if (known.size >= mostLists) known.clear();
  const made = visible.map((tool) => ({
    ...describeTool(tool),
    icons: [...(tool.icons ?? icons)],
  }));
  known.set(key, made);
  return made;
}
