import type { Features } from "./kit/index.ts";
import { prompts } from "./prompts/index.ts";
import { resources } from "./resources/index.ts";
import { type Scope, scopes } from "./scopes.ts";
import { removedTools, tools } from "./tools/index.ts";

/** What this server offers. The one file that hands it to everything else. */
export const ownFeatures: Features<Scope> = { scopes, tools, removedTools, resources, prompts };
