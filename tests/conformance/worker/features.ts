import type { Features } from "../../../worker/kit/index.ts";
import { askingTools } from "./asking-tools.ts";
import { contentTools } from "./content-tools.ts";
import { prompts } from "./prompts.ts";
import { reportingTools } from "./reporting-tools.ts";
import { resources } from "./resources.ts";
import { roundTools } from "./round-tools.ts";
import { schemaTools } from "./schema-tools.ts";

/** Everything the suite looks for, under the names and with the words it wants. */
export const features: Features = {
  scopes: { "demo:use": { words: "Use what the suite looks for", isBase: true } },
  tools: [...contentTools, ...reportingTools, ...askingTools, ...roundTools, ...schemaTools],
  resources,
  prompts,
};
