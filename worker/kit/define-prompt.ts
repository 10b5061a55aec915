import type { Icon, PromptMessage } from "@modelcontextprotocol/server";
import type * as z from "zod";
import type { CallContext } from "./call-context.ts";

/** One prompt that a person picks: what it takes, and the messages it becomes. */
export interface Prompt<Scope extends string = string, Args extends z.ZodObject = z.ZodObject> {
  /** Name in `prompts/get`: lower case, words joined by hyphens. */
  readonly name: string;
  /** Name for people. */
  readonly title: string;
  /** What it is for, for people and models. */
  readonly description: string;
  /** Scope a token needs; see `worker/scopes.ts`. */
  readonly scope: Scope;
  /** Strings; wrap one in the SDK's `completable` to complete it. */
  readonly args: Args;
  /** Picture of it that clients may show. Default: the server's own. */
  readonly icons?: Icon[];
  write(
    args: z.infer<Args>,
    context: CallContext,
  ): readonly PromptMessage[] | Promise<readonly PromptMessage[]>;
}

/** Declares a prompt and lets TypeScript infer its arguments. */
export function definePrompt<const Scope extends string, Args extends z.ZodObject>(
  prompt: Prompt<Scope, Args>,
): Prompt<Scope, Args> {
  return prompt;
}
