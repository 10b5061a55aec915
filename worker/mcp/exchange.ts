import {
  type AuthInfo,
  type JSONRPCMessage,
  type JSONRPCRequest,
  type MessageExtraInfo,
  ProtocolErrorCode,
  type Transport,
  type TransportSendOptions,
} from "@modelcontextprotocol/server";

/**
 * Milliseconds after which an answer that is not ready becomes a stream, so that proxies between server and client
 * see that work continues.
 */
const patience = 2_000;

/** Milliseconds between two comments on such a stream, as the SDK sends them. */
const keepAliveInterval = 15_000;

/**
 * One request and its answer, as a transport: JSON if the answer comes alone, a stream if something comes
 * before it or it takes long. The SDK does the same for modern clients; for those of the initialize era it
 * opens a stream for each answer, which costs a third of a call.
 */
export class Exchange implements Transport {
  onmessage?: (message: JSONRPCMessage, extra?: MessageExtraInfo) => void;
  onclose?: () => void;
  onerror?: (error: Error) => void;

  readonly #request: JSONRPCRequest;
  readonly #answer = Promise.withResolvers<Response>();
  #stream: ReadableStreamDefaultController<Uint8Array> | undefined;
  #slow: ReturnType<typeof setTimeout> | undefined;
  #keepAlive: ReturnType<typeof setInterval> | undefined;
  #isOver = false;

  constructor(request: JSONRPCRequest) {
    this.#request = request;
  }

  async start(): Promise<void> {}

  /**
   * Hands the request to the server that is connected.
   * @param http the HTTP request that carried it. When its client leaves, the work stops.
   */
  answer(http: Request, authInfo: AuthInfo): Promise<Response> {
    if (http.signal.aborted) void this.close();
    else {
      http.signal.addEventListener("abort", () => void this.close(), { once: true });
      this.#slow = setTimeout(() => this.#open(), patience);
      this.onmessage?.(this.#request, { authInfo, request: http });
    }
    return this.#answer.promise;
  }

  /** @throws TypeError for a message before the answer that is not JSON. */
  async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    const { id } = this.#request;
    // There is no other stream for what belongs to no request.
    if (this.#isOver || ("method" in message ? options?.relatedRequestId : message.id) !== id)
      return;
    if ("method" in message) {
      const text = JSON.stringify(message);
      write(this.#stream ?? this.#open(), text);
      return;
    }
    const text = this.#stringify(message);
    this.#end();
    if (this.#stream === undefined) {
      const headers = { "content-type": "application/json" };
      this.#answer.resolve(new Response(text, { headers }));
    } else {
      write(this.#stream, text);
      this.#stream.close();
    }
  }

  /** An answer as text; if it is not JSON, an error in its place, because the client is waiting. */
  #stringify(answer: JSONRPCMessage): string {
    try {
      return JSON.stringify(answer);
    } catch (error) {
      this.onerror?.(error as Error);
      const message = "Internal error: the answer cannot be written as JSON";
      return JSON.stringify({
        jsonrpc: "2.0",
        id: this.#request.id,
        error: { code: ProtocolErrorCode.InternalError, message },
      });
    }
  }

  /** Ends it before its answer: the client has left, or the server is closed. */
  async close(): Promise<void> {
    if (this.#isOver) return;
    this.#end();
    try {
      this.#stream?.close();
    } catch {
      // The client has cancelled it.
    }
    // Nobody reads it: "client closed request", as the SDK says it.
    this.#answer.resolve(new Response(null, { status: 499 }));
    this.onclose?.();
  }

  #end(): void {
    this.#isOver = true;
    clearTimeout(this.#slow ?? null);
    clearInterval(this.#keepAlive ?? null);
  }

  #open(): ReadableStreamDefaultController<Uint8Array> {
    clearTimeout(this.#slow ?? null);
    let stream: ReadableStreamDefaultController<Uint8Array> | undefined;
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        stream = controller;
      },
      cancel: () => this.close(),
    });
    // `start` is called at once (Streams, "ReadableStream constructor").
    const opened = stream as unknown as ReadableStreamDefaultController<Uint8Array>;
    this.#stream = opened;
    this.#keepAlive = setInterval(() => enqueue(opened, ": keepalive\n\n"), keepAliveInterval);
    const headers = {
      "content-type": "text/event-stream",
      "cache-control": "no-cache, no-transform",
      "x-accel-buffering": "no",
    };
    this.#answer.resolve(new Response(body, { headers }));
    return opened;
  }
}

function write(stream: ReadableStreamDefaultController<Uint8Array>, message: string): void {
  enqueue(stream, `event: message\ndata: ${message}\n\n`);
}

function enqueue(stream: ReadableStreamDefaultController<Uint8Array>, text: string): void {
  stream.enqueue(new TextEncoder().encode(text));
}
