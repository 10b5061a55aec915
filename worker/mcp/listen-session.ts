import { createMcpHandler, InMemoryServerEventBus } from "@modelcontextprotocol/server";
import { logFailure } from "../log.ts";
import { type Caller, toAuthInfo } from "./caller.ts";
import { createServer } from "./server.ts";
import type { ActiveSession, SessionParts, WatchedTopics } from "./session-parts.ts";

/** Milliseconds a stream lasts at most. */
const longestStream = 86_400_000;

/** One `subscriptions/listen` stream (MCP 2026-07-28), open for as long as its client listens. */
export class ListenSession implements ActiveSession {
  readonly #bus = new InMemoryServerEventBus((error) => logFailure("mcp-failure", error));
  readonly #topics: WatchedTopics;
  readonly #handler: ReturnType<typeof createMcpHandler>;
  #isOpen = true;

  constructor(parts: SessionParts, topics: WatchedTopics) {
    this.#topics = topics;
    this.#handler = createMcpHandler(() => createServer({ ...parts, canSubscribe: true }), {
      bus: this.#bus,
      legacy: "reject",
      onerror: (error) => logFailure("mcp-failure", error),
    });
  }

  /**
   * Answers the request with the stream.
   * @param onEnded is called once, when the client left or the stream was closed.
   */
  async listen(
    caller: Caller,
    request: Request,
    body: unknown,
    onEnded: () => void,
  ): Promise<Response> {
    const response = await this.#handler.fetch(request, {
      authInfo: toAuthInfo(caller),
      parsedBody: body,
    });
    const { status, headers, body: stream } = response;
    if (stream === null) return response;
    const { readable, writable } = new IdentityTransformStream();
    // A stream must not outlive what it was allowed by: its client comes back with a new token.
    const { expiresAt = Number.POSITIVE_INFINITY } = caller;
    const left = Math.min(expiresAt * 1000 - Date.now(), longestStream);
    const expired = setTimeout(() => void this.end(), left);
    void stream
      .pipeTo(writable)
      .catch(() => undefined)
      .finally(() => {
        clearTimeout(expired);
        this.#isOpen = false;
        onEnded();
      });
    return new Response(readable, { status, headers });
  }

  notify(topic: string): boolean {
    if (!this.#isOpen) return false;
    for (const uri of this.#topics.listUris(topic)) {
      this.#bus.publish({ kind: "resource_updated", uri });
    }
    return true;
  }

  async end(): Promise<void> {
    this.#isOpen = false;
    await this.#handler.close();
  }
}
