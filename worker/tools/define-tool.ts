import type { CallToolResult, ToolAnnotations } from "@modelcontextprotocol/server";
import type * as z from "zod";
import type { Scope } from "../mcp/policy.ts";
import type { ToolNeeds } from "./needs.ts";

/** The signed-in person, as a tool sees them. */
export interface ToolPerson {
  /** Opaque and stable: the same person has it from every client. */
  readonly id: string;
  /** Address the person signed in with, where the identity method has one. */
  readonly email: string | undefined;
  /** Identity method that vouches for the person. */
  readonly method: string;
}

/** What a call knows beside its arguments. */
export interface ToolContext {
  readonly person: ToolPerson;
  /** OAuth client the token was issued to. */
  readonly clientId: string;
  /** Scopes of the token, in the order of the catalogue. */
  readonly scopes: readonly string[];
  /** Aborted when the client cancels or leaves. */
  readonly signal: AbortSignal;
}

/** What a tool answers: values of its output schema, and a sentence for clients that show text. */
export interface ToolAnswer<Output> {
  readonly structured: Output;
  readonly text: string;
}

/** Thrown by a tool for a mistake that the model can mend; its message is what the model reads. */
export class ToolError extends Error {
  override readonly name = "ToolError";
}

/** One tool: its name, what it tells a model, what it takes and gives, and what it does. */
export interface Tool<
  Input extends z.ZodObject = z.ZodObject,
  Output extends z.ZodObject = z.ZodObject,
> {
  /** Name in `tools/call`: lower case, words joined by underscores. */
  readonly name: string;
  /** Name for people. */
  readonly title: string;
  /** What it does, when to use it, its bounds. Read by a model. */
  readonly description: string;
  /** Scope a token needs; see `worker/mcp/policy.ts`. */
  readonly scope: Scope;
  readonly input: Input;
  readonly output: Output;
  readonly annotations: ToolAnnotations;
  /** Secrets, settings and bindings it cannot do without. */
  readonly needs?: ToolNeeds;
  /** @throws ToolError for a mistake in the arguments that the schema cannot express. */
  run(
    args: z.infer<Input>,
    context: ToolContext,
  ): ToolAnswer<z.infer<Output>> | Promise<ToolAnswer<z.infer<Output>>>;
}

/** Declares a tool and lets TypeScript infer its arguments and result. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  tool: Tool<Input, Output>,
): Tool<Input, Output> {
  return tool;
}

/** A tool's answer as the protocol has it. */
export function toCallToolResult(answer: ToolAnswer<Record<string, unknown>>): CallToolResult {
  return { content: [{ type: "text", text: answer.text }], structuredContent: answer.structured };
}
