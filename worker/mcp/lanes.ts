import {
  type ClientCapabilities,
  isInitializeRequest,
  isLegacyRequest,
  ProtocolErrorCode,
} from "@modelcontextprotocol/server";
import type { WorkerEnv } from "../env.ts";
import type { Features } from "../kit/features.ts";
import { acceptBoth } from "./accept.ts";
import type { Caller } from "./caller.ts";
import { refuseWithoutScope } from "./challenge.ts";
import { findWatchable } from "./register-resources.ts";
import { noSession } from "./session-parts.ts";
import { findSession, openSession } from "./session-stubs.ts";

/** The facts that decide who serves a request. */
interface LaneParts {
  readonly features: Features;
  readonly env: WorkerEnv;
  readonly caller: Caller;
  /** Whether the client reads event streams. One that does not cannot be asked anything. */
  readonly readsStreams: boolean;
}

/** The first protocol version with Streamable HTTP. Versions are dates, so they compare as text. */
const firstStreamable = "2025-03-26";

/**
 * Whether a request to `/sse` opens a stream of HTTP+SSE (MCP 2024-11-05). This is the one place where
 * the two transports are told apart; `/mcp` speaks Streamable HTTP alone.
 *
 * | Request to `/sse`                        | `MCP-Protocol-Version`   | Transport                         |
 * | ---------------------------------------- | ------------------------ | --------------------------------- |
 * | `POST`, `DELETE`                         | any or none              | Streamable HTTP                   |
 * | `GET` with `Mcp-Session-Id`              | any or none              | Streamable HTTP: the session's    |
 * | `GET` with `Last-Event-ID`               | any or none              | HTTP+SSE: back after a break      |
 * | `GET`                                    | none                     | HTTP+SSE                          |
 * | `GET`                                    | `2024-11-05` and older   | HTTP+SSE: Java says so (java-sdk#404) |
 * | `GET`                                    | `2025-03-26` and newer, or no version | Streamable HTTP: 405 |
 * | `POST` to `/sse/message`                 | any or none              | HTTP+SSE                          |
 *
 * The last `GET` is what a Streamable HTTP client sends after its `initialize`; without a session it
 * gets 405, which every client takes for "no stream here". One that negotiated 2024-11-05 by `POST`
 * cannot be told from Java's: it gets a stream whose only event, `endpoint`, it does not know and
 * ignores. Its calls are answered where it posts them.
 */
export function opensHttpSse({ method, headers }: Request): boolean {
  if (method !== "GET" || headers.has("mcp-session-id")) return false;
  if (headers.has("last-event-id")) return true;
  const version = headers.get("mcp-protocol-version");
  return version === null || (/^\d{4}-\d\d-\d\d$/.test(version) && version < firstStreamable);
}

/**
 * Finds the session object that serves a request of Streamable HTTP. A session is made for a legacy
 * client that can be asked; a `subscriptions/listen` stream has an object of its own. Everything else
 * is stateless, including a modern request with an old session id.
 * @returns undefined for a stateless request; a response if the request is refused.
 */
export async function chooseLane(
  request: Request,
  body: unknown,
  { features, env, caller, readsStreams }: LaneParts,
): Promise<Response | (() => Promise<Response>) | undefined> {
  const watched = readSubscriptions(body);
  if (watched.length > 0) {
    const resources = findResources(features, watched, body);
    if (resources instanceof Response) return resources;
    for (const { scope } of resources) {
      const refused = refuseWithoutScope(features.scopes, caller, scope);
      if (refused) return refused;
    }
    const topics = resources.map(({ changesWith, uri }) => ({ topic: changesWith, uri }));
    return () => openSession(env).stub.listen(caller, strip(request), body, topics);
  }
  const sessionId = request.headers.get("mcp-session-id");
  const opens = readsStreams && isInitializeRequest(body) && canBeAsked(body.params.capabilities);
  if (sessionId === null && !opens) return undefined;
  if (!(await isLegacyRequest(request, body))) return undefined;
  if (opens) return () => openSession(env).stub.start(caller, strip(request), body);
  const stub = findSession(env, sessionId);
  return stub === undefined ? noSession(body) : () => stub.handle(caller, strip(request), body);
}

/** The body was read already: it goes to the object once, parsed. The token does not. */
function strip(request: Request): Request {
  const bare = acceptBoth(request);
  bare.headers.delete("authorization");
  return bare;
}

/** Whether a client shows forms to its person, or completes prompts for the server. */
function canBeAsked({ elicitation, sampling }: ClientCapabilities): boolean {
  return elicitation !== undefined || sampling !== undefined;
}

/** The URIs that a `subscriptions/listen` request is about. */
function readSubscriptions(body: unknown): string[] {
  const { method, params } = (body ?? {}) as Partial<ListenRequest>;
  if (method !== "subscriptions/listen") return [];
  const uris = params?.notifications?.resourceSubscriptions;
  return Array.isArray(uris) ? [...new Set(uris)].filter((uri) => typeof uri === "string") : [];
}

interface ListenRequest {
  readonly method: string;
  readonly id: string | number;
  readonly params?: { readonly notifications?: { readonly resourceSubscriptions?: unknown } };
}

function findResources({ resources }: Features, uris: readonly string[], body: unknown) {
  try {
    return uris.map((uri) => findWatchable(resources, uri));
  } catch (error) {
    const { id = null } = body as Partial<ListenRequest>;
    const message = error instanceof Error ? error.message : "No such resource.";
    const code = ProtocolErrorCode.InvalidParams;
    return Response.json({ jsonrpc: "2.0", id, error: { code, message } }, { status: 400 });
  }
}
