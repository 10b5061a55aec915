import type { Prompt } from "./define-prompt.ts";
import explainSteps from "./explain-steps.ts";
import unitCheck from "./unit-check.ts";

/** Every prompt of this server, in the order `prompts/list` gives them. */
export const prompts: readonly Prompt[] = [explainSteps, unitCheck];
