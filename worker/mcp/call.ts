import type {
  ClientCapabilities,
  InputRequiredResult,
  RequestStateCodec,
  ServerContext,
} from "@modelcontextprotocol/server";
import { CLIENT_CAPABILITIES_META_KEY } from "@modelcontextprotocol/server";
import type { WorkerEnv, WorkerSettings } from "../env.ts";
import type { CallContext } from "../kit/call-context.ts";
import type { ScopeCatalogue } from "../kit/define-scopes.ts";
import { redact } from "../redact.ts";
import { openPersonStorage } from "../state/open-storage.ts";
import { findMachineName, findPerson } from "./caller.ts";
import { InputRounds, type RoundState } from "./input-rounds.ts";
import { isGranted, pickScopes } from "./scopes.ts";

/** What every call of a connection shares. */
export interface McpConnection {
  readonly env: WorkerEnv;
  readonly settings: WorkerSettings;
  readonly scopes: ScopeCatalogue;
  readonly signer: RequestStateCodec<RoundState>;
  /** What the client of a session said it can do; undefined without a session. */
  clientCapabilities(): ClientCapabilities | undefined;
}

/** What a client calls, with which arguments. */
export interface CallTarget {
  readonly name: string;
  readonly args: unknown;
  /** Values that must not leave the Worker in a log, progress or an error. */
  readonly secrets?: readonly string[];
}

/** One call: its context, and the questions it asked. */
export interface McpCall {
  readonly context: CallContext;
  /** The result that carries pending questions to the client; undefined if there is none. */
  toInputRequired(): Promise<InputRequiredResult | undefined>;
}

/**
 * Prepares one call for the person whose token came with it.
 * @throws Error without a person. ToolError for an answer that belongs to another call.
 */
export async function beginCall(
  { name, args, secrets = [] }: CallTarget,
  ctx: ServerContext,
  { env, settings, scopes, signer, clientCapabilities }: McpConnection,
): Promise<McpCall> {
  const { mcpReq, http } = ctx;
  const authInfo = http?.authInfo;
  const { userId, email, method } = findPerson(authInfo);
  const capabilities = readEnvelope(mcpReq.envelope) ?? clientCapabilities();
  const rounds = await InputRounds.begin(name, args, ctx, capabilities);
  const granted = authInfo?.scopes ?? [];
  const clean = (text: string) => redact(text, secrets);
  let lastProgress = Number.NEGATIVE_INFINITY;
  const context: CallContext = {
    person: { id: userId, email, method },
    machine: findMachineName({ userId, method }),
    clientId: authInfo?.clientId ?? "",
    scopes: pickScopes(scopes, granted),
    isGranted: (scope) => isGranted(scopes, granted, scope),
    signal: mcpReq.signal,
    settings,
    state: openPersonStorage(env, userId),
    async progress(done, total, message) {
      const progressToken = mcpReq._meta?.progressToken;
      // The protocol wants it to rise, and a client that left needs none.
      if (progressToken === undefined || done <= lastProgress || mcpReq.signal.aborted) return;
      lastProgress = done;
      await mcpReq.notify({
        method: "notifications/progress",
        params: {
          progressToken,
          progress: done,
          ...(total !== undefined && { total }),
          ...(message !== undefined && { message: clean(message) }),
        },
      });
    },
    log: (level, message) => mcpReq.log(level, clean(message), name),
    ask: (key, question) => rounds.ask(key, question),
    async sample(key, prompt) {
      const request = { method: "sampling/createMessage" as const, params: prompt };
      const { [key]: answer } = await rounds.requestInput({ [key]: request });
      const content = answer?.kind === "sampling" ? [answer.result.content].flat() : [];
      return content.map((block) => (block.type === "text" ? block.text : "")).join("");
    },
    requestInput: (requests) => rounds.requestInput(requests),
  };
  return { context, toInputRequired: () => rounds.toResult(signer, name, args) };
}

/** What a modern client said, with this very request, that it can do. */
function readEnvelope(envelope: ServerContext["mcpReq"]["envelope"]) {
  const members = envelope as Readonly<Record<string, unknown>> | undefined;
  return members?.[CLIENT_CAPABILITIES_META_KEY] as ClientCapabilities | undefined;
}
