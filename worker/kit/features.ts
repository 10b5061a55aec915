import type { Prompt } from "./define-prompt.ts";
import type { ResourceDefinition } from "./define-resource.ts";
import type { ScopeCatalogue } from "./define-scopes.ts";
import type { Tool } from "./define-tool.ts";

/** What a server offers, in the order in which lists give it. */
export interface Features<Scope extends string = string> {
  /** What people can allow. Each tool, resource and prompt needs one of these scopes. */
  readonly scopes: ScopeCatalogue<Scope>;
  readonly tools: readonly Tool<Scope>[];
  /** What to do instead of calling tools that are gone, by name. */
  readonly removedTools?: Readonly<Record<string, string>>;
  readonly resources: readonly ResourceDefinition<Scope>[];
  readonly prompts: readonly Prompt<Scope>[];
}
