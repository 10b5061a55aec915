import type {
  ClientCapabilities,
  InputRequests,
  InputRequiredResult,
  InputResponseView,
  RequestStateCodec,
  ServerContext,
} from "@modelcontextprotocol/server";
import {
  createRequestStateCodec,
  inputRequired,
  inputResponse,
} from "@modelcontextprotocol/server";
import type * as z from "zod";
import { digest } from "../digest.ts";
import { readKeyRing } from "../keys.ts";
import type { Question, Reply } from "../kit/call-context.ts";
import { ToolError } from "../kit/tool-error.ts";

/** Seconds a person may take over a question. */
const patience = 600;

/** What travels through the client between two rounds, signed. */
export interface RoundState {
  /** The call it belongs to: its name and its arguments, as a digest. */
  readonly call: string;
  /** Raw answers of the rounds before, by key. */
  readonly answers: Readonly<Record<string, unknown>>;
}

/** Thrown to end a call whose question goes to the client. Nobody's mistake. */
class InputNeeded extends Error {
  override readonly name = "InputNeeded";
}

/**
 * Signs what travels through the client (MCP 2026-07-28, basic/patterns/mrtr). It is bound to the
 * person, the client, the resource and the method; what an older key signed still counts.
 */
export function findRoundSigner(sessionKeys: string): RequestStateCodec<RoundState> {
  if (signer?.sessionKeys !== sessionKeys) {
    signer = { sessionKeys, codec: createRoundSigner(sessionKeys) };
  }
  return signer.codec;
}

/** An isolate has one set of keys. */
let signer: { sessionKeys: string; codec: RequestStateCodec<RoundState> } | undefined;

function createRoundSigner(sessionKeys: string): RequestStateCodec<RoundState> {
  const codecs = readKeyRing(sessionKeys).all.map((key) =>
    createRequestStateCodec<RoundState>({
      // The same keys sign cookies, so that a value signed for one purpose is worth nothing for the other.
      key: `what a client carries between rounds ${key}`,
      ttlSeconds: patience,
      bind: bindToCaller,
    }),
  );
  const [current] = codecs;
  if (current === undefined) throw new Error("A key binding of this Worker is empty.");
  return {
    mint: (state, ctx) => current.mint(state, ctx),
    async verify(text, ctx) {
      const results = await Promise.allSettled(codecs.map((codec) => codec.verify(text, ctx)));
      const verified = results.find((result) => result.status === "fulfilled");
      if (verified !== undefined) return verified.value;
      throw new Error("not signed here, for this caller, or too long ago");
    },
  };
}

function bindToCaller({ http, mcpReq }: ServerContext): string {
  const { clientId, resource, extra } = http?.authInfo ?? {};
  return JSON.stringify([mcpReq.method, clientId, resource?.href, extra?.props]);
}

/** The questions of one call and their answers, over as many rounds as it takes. */
export class InputRounds {
  readonly #call: string;
  readonly #ctx: ServerContext;
  readonly #capabilities: ClientCapabilities | undefined;
  readonly #answers: Record<string, unknown>;
  /** Keys that the call has asked for. */
  readonly #looked = new Set<string>();
  #pending: InputRequests = {};

  private constructor(
    call: string,
    ctx: ServerContext,
    capabilities: ClientCapabilities | undefined,
  ) {
    this.#call = call;
    this.#ctx = ctx;
    this.#capabilities = capabilities;
    const { requestState, inputResponses } = ctx.mcpReq;
    this.#answers = { ...requestState<RoundState>()?.answers, ...inputResponses };
  }

  /**
   * @param name of the tool or prompt. @param args its validated arguments.
   * @throws ToolError if the client answers another call's question.
   */
  static async begin(
    name: string,
    args: unknown,
    ctx: ServerContext,
    capabilities: ClientCapabilities | undefined,
  ): Promise<InputRounds> {
    const state = ctx.mcpReq.requestState<RoundState>();
    const isAsked = state !== undefined || ctx.mcpReq.inputResponses !== undefined;
    // Most calls ask nothing: they need no digest.
    const call = isAsked ? await digest(JSON.stringify([name, args])) : "";
    if (state !== undefined && state.call !== call) {
      throw new ToolError("This answer belongs to another call. Repeat that with its arguments.");
    }
    return new InputRounds(call, ctx, capabilities);
  }

  /** See `CallContext.requestInput`. */
  async requestInput(requests: InputRequests): Promise<Record<string, InputResponseView>> {
    const views = Object.keys(requests).map((key) => [key, this.#read(key)] as const);
    const missing = Object.entries(requests).filter(([key]) => this.#read(key).kind === "missing");
    if (missing.length === 0) return Object.fromEntries(views);
    throw this.#need(Object.fromEntries(missing));
  }

  /** See `CallContext.ask`. If an answer does not fit the form, the question is asked again. */
  async ask<Schema extends z.ZodObject>(
    key: string,
    { message, schema, isOptional = false }: Question<Schema>,
  ): Promise<Reply<z.infer<Schema>>> {
    if (isOptional && !canAsk(this.#capabilities)) return { action: "unsupported" };
    const request = inputRequired.elicit({ message, requestedSchema: schema });
    const view = this.#read(key);
    if (view.kind !== "elicit") throw this.#need({ [key]: request });
    if (view.action !== "accept") return { action: view.action };
    const content = schema.safeParse(view.content);
    if (!content.success) throw this.#need({ [key]: request });
    return { action: "accept", content: content.data };
  }

  /** The result that carries the pending questions to the client; undefined if there are none. */
  async toResult(
    signer: RequestStateCodec<RoundState>,
    name: string,
    args: unknown,
  ): Promise<InputRequiredResult | undefined> {
    const inputRequests = this.#pending;
    const asked = Object.keys(inputRequests);
    if (asked.length === 0) return undefined;
    const call = this.#call || (await digest(JSON.stringify([name, args])));
    // Answers that the call has not asked for are dropped.
    const answers = Object.fromEntries(
      Object.entries(this.#answers).filter(
        ([key]) => this.#looked.has(key) && !asked.includes(key),
      ),
    );
    const requestState = await signer.mint({ call, answers }, this.#ctx);
    return inputRequired({ inputRequests, requestState });
  }

  #read(key: string): InputResponseView {
    this.#looked.add(key);
    return inputResponse(this.#answers, key);
  }

  #need(requests: InputRequests): InputNeeded {
    this.#pending = { ...this.#pending, ...requests };
    return new InputNeeded("The client is asked first.");
  }
}

/** Whether a client shows forms. Before URL mode came, it said so with an empty object. */
export function canAsk(capabilities: ClientCapabilities | undefined): boolean {
  const elicitation = capabilities?.elicitation;
  if (elicitation === undefined) return false;
  return elicitation.form !== undefined || elicitation.url === undefined;
}
