import type { JSONRPCMessage, MessageExtraInfo, Transport } from "@modelcontextprotocol/server";

/**
 * Milliseconds between two comments on an idle stream. Proxies cut a silent one after two to five
 * minutes (cloudflare/agents#1583), and a failing write shows that the client left.
 */
const keepAliveInterval = 25_000;

/** The most bytes that may wait for a client that does not read. More would fill the object's memory. */
const largestBacklog = 4 * 1024 * 1024;

/** Writes the server's messages as server-sent events. */
export class EventStreamTransport implements Transport {
  onmessage?: (message: JSONRPCMessage, extra?: MessageExtraInfo) => void;
  onclose?: () => void;
  onerror?: (error: Error) => void;
  /** Called once, when the stream can carry nothing more. */
  onended?: () => void;

  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #encoder = new TextEncoder();
  #keepAlive: ReturnType<typeof setInterval> | undefined;
  #eventId = 0;
  #backlog = 0;

  constructor(writer: WritableStreamDefaultWriter<Uint8Array>) {
    this.#writer = writer;
    writer.closed.then(
      () => this.#end(),
      () => this.#end(),
    );
  }

  async start(): Promise<void> {
    this.#keepAlive = setInterval(() => this.#write(": keep-alive\n\n"), keepAliveInterval);
  }

  /** The first event of the transport: where the client posts its messages. */
  announce(messageUrl: string): void {
    this.#writeEvent("endpoint", messageUrl);
  }

  async send(message: JSONRPCMessage): Promise<void> {
    this.#writeEvent("message", JSON.stringify(message));
  }

  async close(): Promise<void> {
    // Not awaited: it resolves when the client has read everything, which may be never.
    this.#writer.close().catch(() => undefined);
    this.#end();
  }

  /** Events carry an id, so that a client that comes back says so with `Last-Event-ID`. */
  #writeEvent(event: string, data: string): void {
    this.#write(`id: ${this.#eventId++}\nevent: ${event}\ndata: ${data}\n\n`);
  }

  #write(text: string): void {
    const bytes = this.#encoder.encode(text);
    this.#backlog += bytes.length;
    if (this.#backlog > largestBacklog) {
      this.#writer.abort("The client does not read.").catch(() => undefined);
      this.#end();
      return;
    }
    this.#writer.write(bytes).then(
      () => {
        this.#backlog -= bytes.length;
      },
      () => this.#end(),
    );
  }

  #end(): void {
    if (this.#keepAlive === undefined) return;
    clearInterval(this.#keepAlive);
    this.#keepAlive = undefined;
    this.onended?.();
    this.onclose?.();
  }
}
