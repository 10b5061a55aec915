import {
  type ClientCapabilities,
  isInitializeRequest,
  isLegacyRequest,
  ProtocolErrorCode,
} from "@modelcontextprotocol/server";
import type { WorkerEnv } from "../env.ts";
import type { Features } from "../features.ts";
import type { Caller } from "./caller.ts";
import { refuseWithoutScope } from "./challenge.ts";
import { findWatchable } from "./register-resources.ts";
import { noSession } from "./session-parts.ts";
import { findSession, openSession } from "./session-stubs.ts";

/** What decides who serves a request. */
interface LaneParts {
  readonly features: Features;
  readonly env: WorkerEnv;
  readonly caller: Caller;
}

/**
 * Finds the session object that serves a request of Streamable HTTP. A session is made for a legacy
 * client that can be asked; a `subscriptions/listen` stream has an object of its own. Everything else
 * is stateless, a modern request with an old session id among it.
 * @returns undefined for what is stateless; a response where the request is refused.
 */
export async function chooseLane(
  request: Request,
  body: unknown,
  { features, env, caller }: LaneParts,
): Promise<Response | (() => Promise<Response>) | undefined> {
  const watched = readSubscriptions(body);
  if (watched.length > 0) {
    const resources = findResources(features, watched, body);
    if (resources instanceof Response) return resources;
    for (const { scope } of resources) {
      const refused = refuseWithoutScope(caller, scope);
      if (refused) return refused;
    }
    const topics = resources.map(({ changesWith, uri }) => ({ topic: changesWith, uri }));
    return () => openSession(env).stub.listen(caller, strip(request), body, topics);
  }
  const sessionId = request.headers.get("mcp-session-id");
  const opens = isInitializeRequest(body) && canBeAsked(body.params.capabilities);
  if (sessionId === null && !opens) return undefined;
  if (!(await isLegacyRequest(request, body))) return undefined;
  if (opens) return () => openSession(env).stub.start(caller, strip(request), body);
  const stub = findSession(env, sessionId);
  return stub === undefined ? noSession(body) : () => stub.handle(caller, strip(request), body);
}

/** The body was read: it crosses to the object once, parsed. The token stays behind. */
function strip({ url, method, headers }: Request): Request {
  const bare = new Request(url, { method, headers });
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
