import {
  Client,
  type ElicitResult,
  InMemoryTransport,
  type Progress,
} from "@modelcontextprotocol/client";
import type * as z from "zod";
import type { Features, ScopeCatalogue, Tool, ToolNeeds } from "../../../worker/kit/index.ts";
import { toBindingName } from "../../../worker/kit/needs.ts";
import { type PersonProps, toAuthInfo, toMachineProps } from "../../../worker/mcp/caller.ts";
import { createServer } from "../../../worker/mcp/server.ts";
import { workerEnv } from "../worker/worker-env.ts";
import { workerSettings } from "../worker-settings.ts";

/** Who calls, and what a stack would set. */
export interface CallOptions {
  /** Name that is called. Default: the tool's. */
  readonly name?: string;
  /** Scopes of the token. Default: the one that the tool needs. */
  readonly scopes?: readonly string[];
  /** The scopes that there are. Default: those of the token and of the tool, none of which includes another. */
  readonly catalogue?: ScopeCatalogue;
  /** Id of the person, whose storage the tool gets. Default: the same in every call. */
  readonly person?: string;
  /** How the person came in. Default: by the demo. */
  readonly method?: PersonProps["method"];
  /** Id of the client that calls. Default: the same in every call. */
  readonly clientId?: string;
  /** Name of the machine client that calls, in place of a person. */
  readonly machine?: string;
  /** Values of the secrets that the tool needs. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Values of the settings that the tool needs. Default: as their schemas say. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Answers what the tool asks the person. Without it the client cannot ask. */
  readonly answer?: (message: string) => ElicitResult;
  readonly onProgress?: (progress: Progress) => void;
  /** Takes the text of each log message to the client. */
  readonly onLog?: (text: string) => void;
  /** Cancels the call. */
  readonly signal?: AbortSignal;
}

/** What a client gets for a call. */
export interface CallResult<Output> {
  /** Values of the output schema; undefined in an error. */
  readonly structured: Output | undefined;
  /** What it says, be it an answer or an error. */
  readonly text: string;
  readonly isError: boolean;
}

/**
 * Calls a tool as a client does: through the server with its checks, bounds and log. Bindings that it
 * needs are those of the test's runtime, see `vitest.config.ts`.
 */
export async function callTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  tool: Tool<string, Input, Output>,
  args: Readonly<Record<string, unknown>> = {},
  options: CallOptions = {},
): Promise<CallResult<z.infer<Output>>> {
  const { answer, name = tool.name, onLog, onProgress, signal } = options;
  const client = new Client(
    { name: "test", version: "1.0.0" },
    { capabilities: answer === undefined ? {} : { elicitation: {} } },
  );
  if (answer !== undefined) {
    client.setRequestHandler("elicitation/create", ({ params }) => answer(params.message));
  }
  client.setNotificationHandler("notifications/message", ({ params }) => {
    onLog?.(String(params.data));
  });
  const { here, server } = await serve(tool, options);
  await client.connect(here);
  try {
    if (onLog !== undefined) await client.setLoggingLevel("debug");
    const result = await client.callTool(
      { name, arguments: { ...args } },
      {
        ...(onProgress !== undefined && { onprogress: onProgress }),
        ...(signal !== undefined && { signal }),
      },
    );
    const texts = result.content.map((block) => (block.type === "text" ? block.text : ""));
    return {
      structured: result.structuredContent as z.infer<Output> | undefined,
      text: texts.join("\n"),
      isError: result.isError === true,
    };
  } finally {
    await client.close();
    await server.close();
  }
}

/** The names that a client reads in the list of tools. @param tool none where a server has none left. */
export async function listTools(
  tool: Tool | undefined,
  removedTools: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  const client = new Client({ name: "test", version: "1.0.0" });
  const { here, server } = await serve(tool, { removedTools });
  await client.connect(here);
  try {
    const { tools } = await client.listTools();
    return tools.map(({ name }) => name);
  } finally {
    await client.close();
    await server.close();
  }
}

/** A server of at most one tool, and the client's end of the line to it. */
async function serve<Input extends z.ZodObject, Output extends z.ZodObject>(
  tool: Tool<string, Input, Output> | undefined,
  {
    scopes = tool === undefined ? [] : [tool.scope],
    catalogue = toCatalogue([...scopes, ...(tool === undefined ? [] : [tool.scope])]),
    person = "ada",
    method = "demo",
    clientId = "test-client",
    machine,
    secrets = {},
    settings = {},
    removedTools = {},
  }: CallOptions & { readonly removedTools?: Features["removedTools"] },
) {
  const origin = workerSettings.origin;
  const server = createServer({
    features: {
      scopes: catalogue,
      tools: tool === undefined ? [] : [tool],
      removedTools,
      resources: [],
      prompts: [],
    },
    settings: { ...workerSettings, tools: readSettings(tool?.needs, settings) },
    env: {
      ...workerEnv,
      ...Object.fromEntries(
        Object.entries(secrets).map(([name, value]) => [toBindingName(name), value]),
      ),
    },
    canSubscribe: false,
  });
  const [here, there] = InMemoryTransport.createLinkedPair();
  const authInfo = toAuthInfo({
    person:
      machine === undefined
        ? { userId: person, email: `${person}@example.com`, method }
        : toMachineProps(machine),
    clientId,
    grantId: "grant",
    scopes,
    expiresAt: undefined,
    resource: `${origin}/mcp`,
  });
  // Over HTTP every message brings its token.
  const send = here.send.bind(here);
  here.send = (message, sendOptions) => send(message, { ...sendOptions, authInfo });
  await server.connect(there);
  return { here, server };
}

/** A catalogue of scopes that include nothing, for a tool that is called by itself. */
function toCatalogue(scopes: readonly string[]): ScopeCatalogue {
  return Object.fromEntries(scopes.map((scope) => [scope, { words: scope, isBase: true }]));
}

/** Settings as infrastructure hands them over: checked, and with their defaults. */
function readSettings({ settings = {} }: ToolNeeds = {}, given: Readonly<Record<string, unknown>>) {
  return Object.fromEntries(
    Object.entries(settings).map(([name, schema]) => [name, schema.parse(given[name]) as never]),
  );
}
