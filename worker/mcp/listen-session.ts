import { createMcpHandler, InMemoryServerEventBus } from "@modelcontextprotocol/server";
import { logProtocolFailure } from "../log.ts";
import { type Caller, timeLeft, toAuthInfo } from "./caller.ts";
import { createServer } from "./server.ts";
import type { ActiveSession, SessionParts, WatchedTopics } from "./session-parts.ts";

/** One `subscriptions/listen` stream (MCP 2026-07-28), open for as long as its client listens. */
export class ListenSession implements ActiveSession {
  readonly #bus = new InMemoryServerEventBus(logProtocolFailure);
  readonly #topics: WatchedTopics;
  readonly #handler: ReturnType<typeof createMcpHandler>;
  #isOpen = true;

  constructor(parts: SessionParts, topics: WatchedTopics) {
    this.#topics = topics;
    this.#handler = createMcpHandler(() => createServer({ ...parts, canSubscribe: true }), {
      bus: this.#bus,
      legacy: "reject",
      onerror: logProtocolFailure,
    });
  }

  /**
   * Answers the request with the stream.
   * @param onEnded called once, when the client has left or the stream was closed.
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
    if (status !== 200 || stream === null) {
      this.#isOpen = false;
      onEnded();
      return response;
    }
    const { readable, writable } = new IdentityTransformStream();
    // Its client comes back with a new token.
    const expired = setTimeout(() => void this.end(), timeLeft(caller));
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
