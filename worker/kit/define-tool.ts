import type { ContentBlock, Icon, ToolAnnotations } from "@modelcontextprotocol/server";
import type * as z from "zod";
import type { CallContext } from "./call-context.ts";
import type { NeededValues, ToolNeeds } from "./needs.ts";

/** What a call knows and can do besides its arguments, with what the tool needs. */
export interface ToolContext<Needs extends ToolNeeds = ToolNeeds> extends CallContext {
  /** What the tool named in `needs`, typed after it. */
  readonly needs: NeededValues<Needs>;
}

/** What a tool answers. */
export interface ToolAnswer<Output> {
  /** Values of the output schema, for programs. */
  readonly structured: Output;
  /** The same as a sentence, for clients that show text. */
  readonly text: string;
  /** Images, audio and resources. */
  readonly content?: readonly ContentBlock[];
}

/** One tool: its name, what it tells a model, what it takes and gives, and what it does. */
export interface Tool<
  Scope extends string = string,
  Input extends z.ZodObject = z.ZodObject,
  Output extends z.ZodObject = z.ZodObject,
  Needs extends ToolNeeds = ToolNeeds,
> {
  /** Name in `tools/call`: lower case, words joined by underscores. */
  readonly name: string;
  /** Name for people. */
  readonly title: string;
  /** What it does, when to use it, and its limits. Read by a model. */
  readonly description: string;
  /** Scope a token needs; see `worker/scopes.ts`. */
  readonly scope: Scope;
  readonly input: Input;
  readonly output: Output;
  /** Hints for clients: whether it only reads, may destroy, may be repeated, reaches other systems. */
  readonly annotations: ToolAnnotations;
  /**
   * Its earlier names, or names of tools whose work it does now. Clients keep a list of tools for
   * days; a call of such a name is answered with what to call instead.
   */
  readonly replaces?: readonly string[];
  /** Picture of it that clients may show. Default: the server's own. */
  readonly icons?: Icon[];
  /** Secrets, settings and bindings that it cannot work without. */
  readonly needs?: Needs;
  /**
   * The most bytes of JSON in an answer. A longer one is refused, with words for the model. Default:
   * 100,000, about as much as Claude reads of one result (25,000 tokens).
   */
  readonly resultLimit?: number;
  /**
   * Arguments with which it only reads, takes at least 200 ms, and reports progress meanwhile: `doctor` calls
   * it with them to see whether progress arrives while the tool works. Default: `doctor` does not call it for that.
   */
  readonly progressExample?: z.input<Input>;
  /**
   * Does the work. May run more than once for one call if it asks the person; see `ask`.
   * @throws ToolError for a mistake in the arguments that the schema cannot express.
   */
  run(
    args: z.infer<Input>,
    context: ToolContext<Needs>,
  ): ToolAnswer<z.infer<Output>> | Promise<ToolAnswer<z.infer<Output>>>;
}

/** Declares a tool and lets TypeScript infer its arguments, its result and what it needs. */
export function defineTool<
  const Scope extends string,
  Input extends z.ZodObject,
  Output extends z.ZodObject,
  const Needs extends ToolNeeds = Record<never, never>,
>(tool: Tool<Scope, Input, Output, Needs>): Tool<Scope, Input, Output, Needs> {
  return tool;
}
