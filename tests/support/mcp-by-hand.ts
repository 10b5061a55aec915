import { isJSONRPCResultResponse, JSONRPCMessageSchema } from "@modelcontextprotocol/sdk/types.js";

/** One message of a client. */
export const listTools = { jsonrpc: "2.0", id: 1, method: "tools/list", params: {} };

/** A message that calls a tool. */
export function toToolCall(name: string, args: object): object {
  return { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: args } };
}

/** The first message of a client of the initialize era. */
export function toInitialize(capabilities: object): object {
  return {
    jsonrpc: "2.0",
    id: 0,
    method: "initialize",
    params: {
      protocolVersion: "2025-11-25",
      capabilities,
      clientInfo: { name: "by hand", version: "1.0.0" },
    },
  };
}

/** Posts a message with a token, as a client of the initialize era does, and returns the answer as it is. */
export function postMessage(
  url: string | URL,
  accessToken: string,
  message: object = listTools,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: {
      authorization: `Bearer ${accessToken}`,
      accept: "application/json, text/event-stream",
      "content-type": "application/json",
      ...headers,
    },
    body: JSON.stringify(message),
  });
}

/** What a modern client can do, beside nothing. */
export const showsForms = { elicitation: { form: {} } };

/** Posts a request of the 2026-07-28 protocol. */
export function postModern(
  url: string | URL,
  accessToken: string,
  method: string,
  params: Readonly<Record<string, unknown>>,
  capabilities: object = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const message = {
    jsonrpc: "2.0",
    id: 1,
    method,
    params: {
      ...params,
      _meta: {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": capabilities,
        "io.modelcontextprotocol/clientInfo": { name: "by hand", version: "1.0.0" },
      },
    },
  };
  return postMessage(url, accessToken, message, {
    "mcp-protocol-version": "2026-07-28",
    "mcp-method": method,
    ...(typeof params.name === "string" && { "mcp-name": params.name }),
    ...headers,
  });
}

/** Asks for an event stream with a token. The body is left to the caller. */
export function getStream(
  url: string | URL,
  accessToken: string,
  headers: Readonly<Record<string, string>> = {},
  signal: AbortSignal | null = null,
): Promise<Response> {
  return fetch(url, {
    headers: { authorization: `Bearer ${accessToken}`, accept: "text/event-stream", ...headers },
    signal,
  });
}

/** The result in the answer to a request, be it JSON or a stream. @throws Error where it has none. */
export async function readAnswer(response: Response): Promise<unknown> {
  const { status, headers, body } = response;
  if (status !== 200 || body === null) {
    throw new Error(`The request was answered ${status}: ${await response.text()}`);
  }
  if (!headers.get("content-type")?.startsWith("text/event-stream")) {
    return readResult(await response.text());
  }
  let last = "";
  for await (const event of readEvents(body)) last = event;
  return readResult(last);
}

function readResult(text: string): unknown {
  const message = JSONRPCMessageSchema.parse(JSON.parse(text));
  if (!isJSONRPCResultResponse(message)) throw new Error(`The server said ${text}`);
  return message.result;
}

/** An open HTTP+SSE stream (MCP 2024-11-05), read by hand. */
export class SseStream implements AsyncDisposable {
  /** Where the server wants this client's messages. */
  readonly messageUrl: URL;
  readonly #events: AsyncGenerator<string>;
  readonly #abort: AbortController;

  private constructor(messageUrl: URL, events: AsyncGenerator<string>, abort: AbortController) {
    this.messageUrl = messageUrl;
    this.#events = events;
    this.#abort = abort;
  }

  /** Opens a stream. @throws Error where it is refused. */
  static async open(
    url: string,
    accessToken: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<SseStream> {
    const abort = new AbortController();
    const response = await getStream(url, accessToken, headers, abort.signal);
    if (!response.ok || response.body === null) {
      throw new Error(`GET ${url} answered ${response.status}: ${await response.text()}`);
    }
    const events = readEvents(response.body);
    const { value = "" } = await events.next();
    return new SseStream(new URL(value, url), events, abort);
  }

  /** Posts `tools/list` and returns the names in the answer that comes over the stream. */
  async listToolNames(accessToken: string): Promise<string[]> {
    const { tools } = (await this.ask(accessToken, listTools)) as { tools: { name: string }[] };
    return tools.map(({ name }) => name);
  }

  /** Posts a request. @returns the result that comes over the stream. */
  async ask(accessToken: string, message: object): Promise<unknown> {
    await this.tell(accessToken, message);
    return readResult(await this.next());
  }

  /** Posts a message. @throws Error where it is not taken. */
  async tell(accessToken: string, message: object): Promise<void> {
    const response = await postMessage(this.messageUrl, accessToken, message);
    if (response.status !== 202) throw new Error(`The message was answered ${response.status}`);
  }

  /** The next message on the stream. */
  async next(): Promise<string> {
    const { value = "" } = await this.#events.next();
    return value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
  }
}

/** The `data` of each event; comments are passed over. */
async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + text).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const data = block.split("\n").find((line) => line.startsWith("data: "));
      if (data !== undefined) yield data.slice("data: ".length);
    }
  }
}
