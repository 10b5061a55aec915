import type { Prompt } from "./define-prompt.ts";

/** Every prompt of this server, in the order `prompts/list` gives them. */
export const prompts: readonly Prompt[] = [];
