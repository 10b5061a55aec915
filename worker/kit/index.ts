/**
 * What a server's own files import: its tools, resources, prompts and scope catalogue. Nothing
 * here needs a Worker, because infrastructure loads the tools under Node.
 */
export type {
  Entry,
  EntryPage,
  ExportPage,
  Json,
  ListOptions,
  PersonStorage,
} from "../state/person-storage.ts";
export type { CallContext, CallPerson, Question, Reply } from "./call-context.ts";
export { definePrompt, type Prompt } from "./define-prompt.ts";
export {
  defineResource,
  defineResourceTemplate,
  type FixedResource,
  type ResourceBody,
  type ResourceDefinition,
  type TemplateResource,
} from "./define-resource.ts";
export { defineScopes, type ScopeCatalogue, type ScopeWords } from "./define-scopes.ts";
export { defineTool, type Tool, type ToolAnswer, type ToolContext } from "./define-tool.ts";
export type { Features } from "./features.ts";
export type { BindingNeed, NeededValues, ToolNeeds, UpstreamTokenNeed } from "./needs.ts";
export { deleteMyData, exportMyData, type OwnDataOptions } from "./own-data.ts";
export { pause } from "./pause.ts";
export { ToolError } from "./tool-error.ts";
export { whoami } from "./whoami.ts";
