import type {
  CreateMessageRequestParams,
  InputRequests,
  InputResponseView,
  LoggingLevel,
} from "@modelcontextprotocol/server";
import type * as z from "zod";
import type { WorkerSettings } from "../env.ts";
import type { PersonStorage } from "../state/person-storage.ts";

/** The signed-in person, as a tool sees them; or a machine client, which acts for nobody. */
export interface CallPerson {
  /** Opaque and stable: the same person has it from every client. A machine client is `machine:<name>`. */
  readonly id: string;
  /** Address the person signed in with, if the identity method has one. */
  readonly email: string | undefined;
  /** Identity method that vouches for the person; `machine` for a machine client. */
  readonly method: string;
}

/** A form for the person (MCP elicitation, form mode). */
export interface Question<Schema extends z.ZodObject> {
  /** What the person reads above the form. */
  readonly message: string;
  /** The form's fields: strings, numbers, booleans and enums, one level deep. */
  readonly schema: Schema;
  /**
   * Whether the tool continues without an answer if the client cannot ask. Otherwise the client
   * gets the protocol's error for that (-32021), or a text that says so.
   */
  readonly isOptional?: boolean;
}

/** How a question ended. */
export type Reply<Content> =
  | { readonly action: "accept"; readonly content: Content }
  /** The person said no, or closed the form. */
  | { readonly action: "decline" | "cancel" }
  /** The client cannot ask; only if the question is optional. */
  | { readonly action: "unsupported" };

/** What a call of a tool, a prompt or a resource knows, and what it can do. */
export interface CallContext {
  readonly person: CallPerson;
  /** Name of the machine client that calls. Undefined if a person is behind the call. */
  readonly machine?: string | undefined;
  /** OAuth client the token was issued to. */
  readonly clientId: string;
  /** Scopes of the token, in the order of the catalogue. */
  readonly scopes: readonly string[];
  /** Whether the token allows what a scope stands for: it has the scope, or one that includes it. */
  isGranted(scope: string): boolean;
  /** Aborted when the client cancels or leaves. */
  readonly signal: AbortSignal;
  /** The stack's plain settings. */
  readonly settings: WorkerSettings;
  /** This person's storage: the same from every client, and nobody else's. */
  readonly state: PersonStorage;
  /**
   * Tells the client how far the work is, if it wants to know.
   * @param done rises with each call. @param total in the same unit, if it is known.
   */
  progress(done: number, total?: number, message?: string): Promise<void>;
  /** Sends the client a log message, if it listens at that level. */
  log(level: LoggingLevel, message: string): Promise<void>;
  /**
   * Asks the person. The protocol has no open line to the client: the call ends with the question,
   * and the client calls again with the answer. So all code before `ask` runs once more, and must do
   * no harm twice. Do not catch what `ask` throws.
   * @param key names the question within the call, the same each time.
   */
  ask<Schema extends z.ZodObject>(
    key: string,
    question: Question<Schema>,
  ): Promise<Reply<z.infer<Schema>>>;
  /**
   * Has the client's model complete a prompt (MCP sampling; deprecated since 2026-07-28). The code
   * before it runs again, as with `ask`. @returns the model's text.
   */
  sample(key: string, prompt: CreateMessageRequestParams): Promise<string>;
  /**
   * The general form of `ask` and `sample`: any requests to the client, by key, in one round.
   * @returns the client's answers; the call ends and runs again if one is missing.
   */
  requestInput(requests: InputRequests): Promise<Record<string, InputResponseView>>;
}
