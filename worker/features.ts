import type { Prompt } from "./prompts/define-prompt.ts";
import { prompts } from "./prompts/index.ts";
import type { ResourceDefinition } from "./resources/define-resource.ts";
import { resources } from "./resources/index.ts";
import type { Tool } from "./tools/define-tool.ts";
import { removedTools, tools } from "./tools/index.ts";

/** What a server offers, in the order in which lists give it. */
export interface Features {
  readonly tools: readonly Tool[];
  /** What to do instead of tools that are gone, by name. */
  readonly removedTools?: Readonly<Record<string, string>>;
  readonly resources: readonly ResourceDefinition[];
  readonly prompts: readonly Prompt[];
}

/** What this server offers. */
export const ownFeatures: Features = { tools, removedTools, resources, prompts };
