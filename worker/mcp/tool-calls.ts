import type {
  CallToolResult,
  InputRequiredResult,
  ServerContext,
} from "@modelcontextprotocol/server";
import * as z from "zod";
import { digest } from "../digest.ts";
import type { WorkerEnv, WorkerSettings } from "../env.ts";
import { enterpriseMethod } from "../identity/enterprise-method.ts";
import type { UpstreamTokens } from "../identity/identity.ts";
import type { Tool, ToolAnswer } from "../kit/define-tool.ts";
import { toBindingName } from "../kit/needs.ts";
import { ToolError } from "../kit/tool-error.ts";
import { logEvent, logFailure } from "../log.ts";
import { isPersonal } from "../oauth/personal-tokens/client-id.ts";
import { redact } from "../redact.ts";
import { beginCall, type McpCall, type McpConnection } from "./call.ts";
import { findMachineName, findPerson, type PersonProps } from "./caller.ts";
import { explainScope } from "./registration.ts";
import { isGranted } from "./scopes.ts";

/** The most bytes of JSON in an answer, if the tool names no limit. */
const usualResultLimit = 100_000;

/** Characters of a person's hash in the log: enough to tell people apart, too few to look somebody up. */
const hashLength = 12;

/** How a call ended, as the log says it. */
type Outcome =
  | "ok"
  /** It asks the person first; the client comes back with the answer. */
  | "asked"
  /** The token lacks the scope. */
  | "refused"
  /** No tool has this name any more. */
  | "former"
  /** The arguments do not fit the schema, or the tool says what is wrong with them. */
  | "mistake"
  | "cancelled"
  /** The answer is larger than the tool may give. */
  | "too-large"
  | "failed";

interface Ending {
  readonly outcome: Outcome;
  readonly result: CallToolResult | InputRequiredResult;
}

/** Runs a tool. Every call of every tool comes through here. */
export async function runTool(
  tool: Tool,
  args: unknown,
  ctx: ServerContext,
  connection: McpConnection,
): Promise<CallToolResult | InputRequiredResult> {
  const started = Date.now();
  const { outcome, result } = await endCall(tool, args, ctx, connection);
  await logCall(tool, outcome, ctx, Date.now() - started);
  return result;
}

/** Answers a call of a tool that no longer exists. @param words what to call instead. */
export async function answerFormer(
  name: string,
  words: string,
  ctx: ServerContext,
): Promise<CallToolResult> {
  await logCall({ name }, "former", ctx, 0);
  return toErrorResult(words);
}

/** One line a call: never its arguments, never its answer. */
async function logCall(
  { name }: Pick<Tool, "name">,
  outcome: Outcome,
  { http }: ServerContext,
  durationMs: number,
): Promise<void> {
  const { userId } = (http?.authInfo?.extra?.props ?? {}) as { readonly userId?: string };
  const person = userId === undefined ? undefined : await hashPerson(userId);
  logEvent("tool", { tool: name, outcome, durationMs, person });
}

/** Hashes of people for the log, by their ids: an isolate meets the same people again. */
const hashes = new Map<string, string>();

/** How many are remembered. */
const mostHashes = 1000;

async function hashPerson(userId: string): Promise<string> {
  const known = hashes.get(userId);
  if (known !== undefined) return known;
  const hash = (await digest(userId)).slice(0, hashLength);
  if (hashes.size >= mostHashes) hashes.clear();
  hashes.set(userId, hash);
  return hash;
}

/** Turns every ending of a call into a result that a model can act on. */
async function endCall(
  tool: Tool,
  given: unknown,
  ctx: ServerContext,
  connection: McpConnection,
): Promise<Ending> {
  const { signal } = ctx.mcpReq;
  if (!isGranted(connection.scopes, ctx.http?.authInfo?.scopes ?? [], tool.scope)) {
    const text = explainScope(connection, ctx.http?.authInfo?.extra?.props, tool.scope);
    return { outcome: "refused", result: toErrorResult(text) };
  }
  const parsed = tool.input.safeParse(given ?? {});
  if (!parsed.success) {
    return { outcome: "mistake", result: toErrorResult(explainArguments(tool, parsed.error)) };
  }
  const args = parsed.data;
  const person = findPerson(ctx.http?.authInfo);
  const { upstream } = person;
  if (tool.needs?.upstreamToken !== undefined && upstream === undefined) {
    const text = explainToken(tool, person, ctx.http?.authInfo?.clientId);
    return { outcome: "mistake", result: toErrorResult(text) };
  }
  const needs = { ...readNeeds(tool, connection), upstreamToken: upstream?.accessToken as never };
  const secrets = [...Object.values(needs.secrets), ...listTokens(upstream)];
  const target = { name: tool.name, args, secrets };
  let call: McpCall | undefined;
  try {
    call = await beginCall(target, ctx, connection);
    const answer = await untilAborted(tool.run(args, { ...call.context, needs }), signal);
    return (await toAsked(call)) ?? toEnding(tool, answer);
  } catch (error) {
    const asked = await toAsked(call);
    if (asked !== undefined) return asked;
    if (signal.aborted) {
      return { outcome: "cancelled", result: toErrorResult("The call was cancelled.") };
    }
    if (error instanceof ToolError) {
      return { outcome: "mistake", result: toErrorResult(redact(error.message, secrets)) };
    }
    logFailure("tool-failure", error, { tool: tool.name }, secrets);
    const text = `The tool ${tool.name} failed on the server. Try again later.`;
    return { outcome: "failed", result: toErrorResult(text) };
  }
}

/**
 * A machine client, a personal token and a company's assertion come without one, and so does a grant that is
 * older than the tool.
 */
function explainToken({ name }: Tool, person: PersonProps, clientId: string | undefined): string {
  if (findMachineName(person) !== undefined) {
    return `The tool ${name} acts for a person at the service they sign in with, and a machine client acts for no person. A person has to connect and call it.`;
  }
  if (isPersonal(clientId)) {
    return `The tool ${name} acts for the person at the service they sign in with, which a personal token cannot. Use an app that signs in.`;
  }
  if (person.method === enterpriseMethod) {
    return `The tool ${name} acts for you at the service you sign in with, and your company connected this app without a sign-in there. Use an app that signs you in.`;
  }
  return `The tool ${name} acts for you at the service you sign in with, and this connection is older than that. Disconnect, and connect again.`;
}

/** Every secret that must not leave the Worker, whether this tool needs it or not. */
function listTokens({ accessToken, refreshToken }: Partial<UpstreamTokens> = {}): string[] {
  return [accessToken, refreshToken].filter((token) => token !== undefined);
}

/** How many wrong arguments are named; a long list may have one for each of its items. */
const mostNamed = 10;

/** Names each wrong argument and what is wrong with it, so that a model can correct it. */
function explainArguments({ name, input }: Tool, { issues }: z.ZodError): string {
  const wrong = issues
    .slice(0, mostNamed)
    .map(({ path, message }) => (path.length === 0 ? message : `${path.join(".")}: ${message}`));
  const known = Object.keys(input.shape);
  const takes = known.length === 0 ? "no arguments" : known.join(", ");
  // Zod's "undefined" means nothing to a model.
  const words = wrong.join("; ").replaceAll("received undefined", "and it is missing");
  return `The arguments of ${name} are wrong. ${words}. It takes: ${takes}. Correct them and call it again.`;
}

async function toAsked(call: McpCall | undefined): Promise<Ending | undefined> {
  const result = await call?.toInputRequired();
  return result && { outcome: "asked", result };
}

function toEnding(tool: Tool, answer: ToolAnswer<Record<string, unknown>>): Ending {
  const { resultLimit = usualResultLimit } = tool;
  const structured = tool.output.safeParse(answer.structured);
  if (!structured.success) {
    throw new Error(`Its answer does not fit its schema: ${z.prettifyError(structured.error)}`);
  }
  const result: CallToolResult = {
    content: [
      ...(answer.text === "" ? [] : [{ type: "text" as const, text: answer.text }]),
      ...(answer.content ?? []),
    ],
    structuredContent: structured.data,
  };
  const json = JSON.stringify(result);
  // A character has three bytes at most, or two of them four.
  if (json.length * 3 <= resultLimit) return { outcome: "ok", result };
  const bytes = new TextEncoder().encode(json).length;
  if (bytes <= resultLimit) return { outcome: "ok", result };
  const text = `The answer has ${bytes} bytes, and ${tool.name} may give ${resultLimit}. Ask for less: a smaller range, a filter, or one page at a time.`;
  return { outcome: "too-large", result: toErrorResult(text) };
}

/** A call ends even if the tool ignores its signal: nobody waits for the answer. */
async function untilAborted<Result>(
  work: Result | Promise<Result>,
  signal: AbortSignal,
): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>();
  const end = () => reject(signal.reason);
  if (signal.aborted) end();
  signal.addEventListener("abort", end, { once: true });
  promise.catch(() => undefined);
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", end);
  }
}

/** The values of what a tool needs. Infrastructure refuses to deploy without them. */
function readNeeds(
  { needs = {} }: Tool,
  { env, settings }: { env: WorkerEnv; settings: WorkerSettings },
) {
  const bound = env as unknown as Readonly<Record<string, unknown>>;
  const pick = <Value>(names: object | undefined, read: (name: string) => Value) =>
    Object.fromEntries(Object.keys(names ?? {}).map((name) => [name, read(name)]));
  return {
    secrets: pick(needs.secrets, (name) => String(bound[toBindingName(name)] ?? "")),
    settings: pick(needs.settings, (name): unknown => settings.tools[name]),
    bindings: pick(needs.bindings, (name) => bound[name] as never),
  };
}

function toErrorResult(text: string): CallToolResult {
  return { content: [{ type: "text", text }], isError: true };
}
