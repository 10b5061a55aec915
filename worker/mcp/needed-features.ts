import type { Prompt } from "../kit/define-prompt.ts";
import type { Tool } from "../kit/define-tool.ts";
import type { Features } from "../kit/features.ts";

/** The features that a server registers. */
export type Registered = Pick<Features, "tools" | "resources" | "prompts" | "removedTools">;

/** Tools and prompts by name, each with what a server needs to run it. */
interface Index {
  readonly tools: ReadonlyMap<string, { readonly tool: Tool; readonly needed: Registered }>;
  readonly prompts: ReadonlyMap<string, { readonly prompt: Prompt; readonly needed: Registered }>;
}

/** A server that answers from what it knows of itself registers nothing. */
const none: Registered = { tools: [], resources: [], prompts: [] };

const indexes = new WeakMap<Features, Index>();

/** The tool with a name; undefined if there is none. */
export function findTool(features: Features, name: unknown): Tool | undefined {
  return indexOf(features).tools.get(name as string)?.tool;
}

/** The prompt with a name; undefined if there is none. */
export function findPrompt(features: Features, name: unknown): Prompt | undefined {
  return indexOf(features).prompts.get(name as string)?.prompt;
}

function indexOf(features: Features): Index {
  let index = indexes.get(features);
  if (index === undefined) {
    const { tools, prompts } = features;
    index = {
      tools: new Map(
        tools.map((tool) => [tool.name, { tool, needed: { ...none, tools: [tool] } }]),
      ),
      prompts: new Map(
        prompts.map((prompt) => [prompt.name, { prompt, needed: { ...none, prompts: [prompt] } }]),
      ),
    };
    indexes.set(features, index);
  }
  return index;
}

/**
 * What a server needs to answer this one message: registering a hundred tools to call one costs more than
 * the call. Nothing that a client sees of a server comes from this.
 * @returns all features for a message that may need any.
 */
export function pickNeeded(features: Features, message: unknown): Registered {
  const { method, params } = (message ?? {}) as { method?: unknown; params?: { name?: unknown } };
  const name = params?.name as string;
  switch (method) {
    case "tools/call":
      // An unknown name may be a former one, and the SDK has the words for the rest.
      return indexOf(features).tools.get(name)?.needed ?? features;
    case "prompts/get":
      return indexOf(features).prompts.get(name)?.needed ?? features;
    // Answered from the list itself; see `register-tools.ts`.
    case "tools/list":
    case "ping":
      return none;
    default:
      return features;
  }
}
