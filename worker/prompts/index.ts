import type { Prompt } from "../kit/index.ts";
import type { Scope } from "../scopes.ts";
import explainSteps from "./explain-steps.ts";
import unitCheck from "./unit-check.ts";

/** Every prompt of this server, in the order `prompts/list` gives them. */
export const prompts: readonly Prompt<Scope>[] = [explainSteps, unitCheck];
