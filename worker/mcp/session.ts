import { DurableObject } from "cloudflare:workers";
import type {
  JSONRPCMessage,
  McpServer,
  MessageExtraInfo,
  Transport,
} from "@modelcontextprotocol/server";
import { parseJSONRPCMessage } from "@modelcontextprotocol/server";
import type { WorkerEnv } from "../env.ts";
import { readSettings } from "../env.ts";
import { type Caller, toAuthInfo } from "./caller.ts";
import { createServer } from "./server.ts";

/**
 * Milliseconds between two comments on an idle stream. Proxies cut a silent one after two to five
 * minutes (cloudflare/agents#1583), and a failing write is how we learn that the client left.
 */
const keepAliveInterval = 25_000;

/** What became of a message: an HTTP status for `POST /sse/message`. */
export type DeliveryStatus = 202 | 400 | 404;

/**
 * One HTTP+SSE session (MCP 2024-11-05): the object lives as long as its stream, keeps everything
 * in memory and writes nothing to storage. It belongs to the person and the client that opened it.
 */
export class McpSession extends DurableObject<WorkerEnv> {
  #open: OpenSession | undefined;

  /** Opens the stream. Its first event names the URL for the client's messages. */
  async open(caller: Caller, messageUrl: string): Promise<Response> {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const transport = new EventStreamTransport(writable.getWriter());
    const server = createServer(readSettings(this.env));
    const session = { owner: caller, server, transport };
    this.#open = session;
    transport.onended = () => {
      if (this.#open === session) this.#open = undefined;
    };
    await server.connect(transport);
    transport.announce(messageUrl);
    return new Response(readable, {
      headers: {
        "content-type": "text/event-stream",
        "cache-control": "no-store, no-transform",
        "x-accel-buffering": "no",
      },
    });
  }

  /**
   * Takes one message from the client. A session that ended and a session of somebody else give the
   * same 404, so that an id tells a stranger nothing.
   */
  async deliver(caller: Caller, body: string): Promise<DeliveryStatus> {
    const session = this.#open;
    if (session === undefined || !isOwner(session.owner, caller)) return 404;
    let message: JSONRPCMessage;
    try {
      message = parseJSONRPCMessage(JSON.parse(body));
    } catch {
      return 400;
    }
    // The token of this very message decides, not the one that opened the stream.
    session.transport.onmessage?.(message, { authInfo: toAuthInfo(caller) });
    return 202;
  }
}

interface OpenSession {
  readonly owner: Caller;
  readonly server: McpServer;
  readonly transport: EventStreamTransport;
}

function isOwner(owner: Caller, caller: Caller): boolean {
  return owner.person.userId === caller.person.userId && owner.clientId === caller.clientId;
}

/** Writes the server's messages as server-sent events. */
class EventStreamTransport implements Transport {
  onmessage?: (message: JSONRPCMessage, extra?: MessageExtraInfo) => void;
  onclose?: () => void;
  onerror?: (error: Error) => void;
  /** Called once, when the stream can carry nothing more. */
  onended?: () => void;

  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #encoder = new TextEncoder();
  #keepAlive: ReturnType<typeof setInterval> | undefined;
  #eventId = 0;

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
    await this.#writer.close().catch(() => undefined);
    this.#end();
  }

  /** Events carry an id, so that a client that comes back says so with `Last-Event-ID`. */
  #writeEvent(event: string, data: string): void {
    this.#write(`id: ${this.#eventId++}\nevent: ${event}\ndata: ${data}\n\n`);
  }

  #write(text: string): void {
    this.#writer.write(this.#encoder.encode(text)).catch(() => this.#end());
  }

  #end(): void {
    if (this.#keepAlive === undefined) return;
    clearInterval(this.#keepAlive);
    this.#keepAlive = undefined;
    this.onended?.();
    this.onclose?.();
  }
}
