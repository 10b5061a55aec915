import type { JSONRPCNotification, McpServer } from "@modelcontextprotocol/server";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/server";
import { logProtocolFailure } from "../log.ts";
import { type Caller, timeLeft, toAuthInfo } from "./caller.ts";
import { nameRequests } from "./request-names.ts";
import { createServer } from "./server.ts";
import type { ActiveSession, SessionParts, WatchedTopics } from "./session-parts.ts";

/**
 * Milliseconds after which a stream without a subscription is ended. Clients open one
 * after `initialize` out of habit, and an idle one would keep the object in memory, which is billed.
 */
const idleStreamTime = 60_000;

/**
 * A session on Streamable HTTP (MCP 2025-03-26 to 2025-11-25), for a client that can be asked:
 * questions go out on the stream of the request that asks them.
 */
export class StreamableSession implements ActiveSession {
  readonly #server: McpServer;
  readonly #transport: WebStandardStreamableHTTPServerTransport;
  readonly #topics: WatchedTopics;
  #hadIdleStream = false;
  #streamEnd: ReturnType<typeof setTimeout> | undefined;

  private constructor(parts: SessionParts, sessionId: string, topics: WatchedTopics) {
    this.#topics = topics;
    this.#server = createServer({ ...parts, subscriptions: topics, canSubscribe: true });
    this.#server.server.onerror = logProtocolFailure;
    this.#transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => sessionId,
    });
  }

  /** Makes the session; it waits for the client's `initialize`. */
  static async start(
    parts: SessionParts,
    sessionId: string,
    topics: WatchedTopics,
  ): Promise<StreamableSession> {
    const session = new StreamableSession(parts, sessionId, topics);
    await session.#server.connect(session.#transport);
    nameRequests(session.#transport);
    return session;
  }

  /**
   * Restores a session whose object was out of memory, by replaying its `initialize`. Log level and
   * subscriptions are lost, which clients do not notice.
   */
  static async resume(
    parts: SessionParts,
    sessionId: string,
    topics: WatchedTopics,
    caller: Caller,
    initialize: unknown,
  ): Promise<StreamableSession> {
    const session = await StreamableSession.start(parts, sessionId, topics);
    const headers = {
      accept: "application/json, text/event-stream",
      "content-type": "application/json",
      "mcp-session-id": sessionId,
    };
    const { origin } = parts.settings;
    for (const message of [initialize, { jsonrpc: "2.0", method: "notifications/initialized" }]) {
      const request = new Request(origin, { method: "POST", headers });
      await (await session.handle(caller, request, message)).text();
    }
    return session;
  }

  /** Serves one request of the client. @param body parsed, if the request has one. */
  async handle(caller: Caller, request: Request, body: unknown): Promise<Response> {
    if (request.method === "GET") {
      if (this.#topics.isEmpty && this.#hadIdleStream) return noStream();
      // The newest stream wins: nobody can tell whether the client of the earlier one is still there.
      this.#transport.closeStandaloneSSEStream();
      this.#endStream(caller);
    }
    const response = await this.#transport.handleRequest(request, {
      authInfo: toAuthInfo(caller),
      ...(body !== undefined && { parsedBody: body }),
    });
    // The SDK answers a call that was cancelled with nothing, and would leave its stream open.
    const cancelled = readCancelled(body);
    if (cancelled !== undefined) this.#transport.closeSSEStream(cancelled);
    return detectLeaving(response);
  }

  notify(topic: string): boolean {
    for (const uri of this.#topics.listUris(topic)) {
      void this.#server.server.sendResourceUpdated({ uri });
    }
    return true;
  }

  async end(): Promise<void> {
    clearTimeout(this.#streamEnd ?? null);
    await this.#server.close();
  }

  /** Ends the stream that is being opened: soon if it is idle, or with the token that opened it. */
  #endStream(caller: Caller): void {
    clearTimeout(this.#streamEnd ?? null);
    const isIdle = this.#topics.isEmpty;
    this.#hadIdleStream ||= isIdle;
    const time = isIdle ? idleStreamTime : timeLeft(caller);
    this.#streamEnd = setTimeout(() => {
      // Something may have been subscribed meanwhile.
      if (isIdle && !this.#topics.isEmpty) this.#endStream(caller);
      else this.#transport.closeStandaloneSSEStream();
    }, time);
  }
}

/** Id of the request that a message cancels. */
function readCancelled(body: unknown): string | number | undefined {
  const { method, params } = (body ?? {}) as Partial<JSONRPCNotification>;
  if (method !== "notifications/cancelled") return undefined;
  return (params as { readonly requestId?: string | number } | undefined)?.requestId;
}

/** Every client takes 405 as "no stream here". */
function noStream(): Response {
  return new Response("Subscribe to a resource first.", {
    status: 405,
    headers: { allow: "POST, DELETE" },
  });
}

/**
 * A stream that leaves an object is not cancelled when the client goes; written through a pipe, it
 * fails with the next write, and the SDK forgets it.
 */
function detectLeaving(response: Response): Response {
  if (response.body === null) return response;
  const { status, headers } = response;
  return new Response(response.body.pipeThrough(new IdentityTransformStream()), {
    status,
    headers,
  });
}
