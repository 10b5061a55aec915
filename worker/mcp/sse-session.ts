import type { JSONRPCMessage, McpServer } from "@modelcontextprotocol/server";
import { parseJSONRPCMessage } from "@modelcontextprotocol/server";
import { type Caller, toAuthInfo } from "./caller.ts";
import { EventStreamTransport } from "./event-stream.ts";
import { isGranted } from "./scopes.ts";
import { createServer } from "./server.ts";
import type { ActiveSession, SessionParts, WatchedTopics } from "./session-parts.ts";

/** One open stream of the HTTP+SSE transport (MCP 2024-11-05). Everything of it is in memory. */
export class SseSession implements ActiveSession {
  readonly #parts: SessionParts;
  readonly #server: McpServer;
  readonly #transport: EventStreamTransport;
  readonly #topics: WatchedTopics;
  #scopes: readonly string[];
  #isOpen = true;

  private constructor(
    parts: SessionParts,
    caller: Caller,
    topics: WatchedTopics,
    transport: EventStreamTransport,
  ) {
    this.#parts = parts;
    this.#scopes = caller.scopes;
    this.#topics = topics;
    this.#transport = transport;
    this.#server = createServer({
      ...parts,
      subscriptions: topics,
      canSubscribe: true,
      tellsOfTools: true,
    });
  }

  /**
   * Opens the stream. Its first event names the URL for the client's messages.
   * @param onEnded called once, when the client has left or the stream broke.
   */
  static async open(
    parts: SessionParts,
    caller: Caller,
    topics: WatchedTopics,
    messageUrl: string,
    onEnded: () => void,
  ): Promise<{ readonly session: SseSession; readonly response: Response }> {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const transport = new EventStreamTransport(writable.getWriter());
    const session = new SseSession(parts, caller, topics, transport);
    transport.onended = () => {
      session.#isOpen = false;
      onEnded();
    };
    await session.#server.connect(transport);
    transport.announce(messageUrl);
    const response = new Response(readable, {
      headers: {
        "content-type": "text/event-stream",
        "cache-control": "no-store, no-transform",
        "x-accel-buffering": "no",
      },
    });
    return { session, response };
  }

  /** Takes one message of the client. @returns the HTTP status for it. */
  deliver(caller: Caller, body: string): 202 | 400 {
    let message: JSONRPCMessage;
    try {
      message = parseJSONRPCMessage(JSON.parse(body));
    } catch {
      return 400;
    }
    this.#noteScopes(caller.scopes);
    // The token of this very message decides, not the one that opened the stream.
    this.#transport.onmessage?.(message, { authInfo: toAuthInfo(caller) });
    return 202;
  }

  notify(topic: string): boolean {
    if (!this.#isOpen) return false;
    for (const uri of this.#topics.listUris(topic)) {
      void this.#server.server.sendResourceUpdated({ uri });
    }
    return true;
  }

  async end(): Promise<void> {
    await this.#server.close();
  }

  /** After a step-up the client sees more tools, if the stack hides what is not granted. */
  #noteScopes(scopes: readonly string[]): void {
    const { features, settings } = this.#parts;
    const before = this.#scopes;
    this.#scopes = scopes;
    const opens = (granted: readonly string[], scope: string) =>
      isGranted(features.scopes, granted, scope);
    const isChanged = features.tools.some(
      ({ scope }) => opens(before, scope) !== opens(scopes, scope),
    );
    if (isChanged && settings.hideUngrantedTools) this.#server.sendToolListChanged();
  }
}
