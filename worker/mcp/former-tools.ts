import type { Tool } from "../kit/define-tool.ts";

/**
 * By the former name of each tool, what a model that calls it reads. Clients keep their list of tools,
 * some for days, and reconnecting does not always help (claude-ai-mcp#137); another address does.
 * @param removed what to do instead of tools that nothing replaces.
 */
export function listFormerTools(
  tools: readonly Tool[],
  removed: Readonly<Record<string, string>> = {},
): Map<string, string> {
  const renamed = tools.flatMap(({ name, input, replaces = [] }) => {
    const takes = Object.keys(input.shape).join(", ") || "no arguments";
    return replaces.map((former): [string, string] => [
      former,
      `The tool ${former} is now ${name}. Call ${name} instead; it takes: ${takes}. If you have no ${name}, ${refreshList}`,
    ]);
  });
  const gone = Object.entries(removed).map(([former, instead]): [string, string] => [
    former,
    `The tool ${former} was removed. ${instead} If you still have it in your list, ${refreshList}`,
  ]);
  return new Map([...renamed, ...gone]);
}

const refreshList =
  "the app keeps an old list of tools: tell the person to connect it again, and if that does not help, with ?v=2 at the end of the server's address.";
