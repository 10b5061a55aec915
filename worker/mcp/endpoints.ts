import type { OAuthResourceContext } from "@cloudflare/workers-oauth-provider";
import type { DurableObjectNamespace } from "@cloudflare/workers-types";
import {
  localhostAllowedHostnames,
  originValidationResponse,
  readRequestBody,
} from "@modelcontextprotocol/server";
import { createMcpHandler } from "agents/mcp/server";
import type { WorkerEnv, WorkerSettings } from "../env.ts";
import { logFailure } from "../log.ts";
import { type PersonProps, readCaller } from "./caller.ts";
import { createServer } from "./server.ts";
import type { McpSession } from "./session.ts";

/** A handler behind a resource server: the token was checked. */
export interface ProtectedHandler {
  fetch(
    request: Request,
    env: WorkerEnv,
    ctx: OAuthResourceContext<PersonProps>,
  ): Response | Promise<Response>;
}

/** Browser pages that may call: this machine's, the origin's own and those the settings list. */
function listAllowedOrigins(settings: WorkerSettings): string[] {
  return [
    ...localhostAllowedHostnames(),
    new URL(settings.origin).hostname,
    ...settings.allowedOrigins,
  ];
}

/**
 * Streamable HTTP at one path, stateless, for modern and legacy clients. A browser client reads the
 * step-up challenge only when `WWW-Authenticate` is exposed to it.
 */
export function createStreamableHttp(settings: WorkerSettings, route: string): ProtectedHandler {
  return {
    fetch: createMcpHandler(() => createServer(settings), {
      route,
      allowedHostnames: [new URL(settings.origin).hostname],
      allowedOriginHostnames: listAllowedOrigins(settings),
      corsOptions: { exposeHeaders: "mcp-session-id, WWW-Authenticate" },
      onerror: (error) => logFailure("mcp-failure", error),
    }),
  };
}

/**
 * `/sse`: HTTP+SSE for the clients that open with GET, and the stateless handler for everybody who
 * posts there without a session, so that an old URL works for a new client.
 */
export function createSse(settings: WorkerSettings, route: string): ProtectedHandler {
  const streamableHttp = createStreamableHttp(settings, route);
  const messageRoute = `${route}/message`;
  const allowedOrigins = listAllowedOrigins(settings);
  return {
    async fetch(request, env, ctx) {
      const url = new URL(request.url);
      const opensStream = request.method === "GET" && url.pathname === route;
      const isMessage = url.pathname === messageRoute;
      if (!isMessage && !(opensStream && !isStandaloneGet(request))) {
        return streamableHttp.fetch(request, env, ctx);
      }
      const refused = originValidationResponse(request, allowedOrigins);
      if (refused) return refused;
      const caller = readCaller(ctx.auth, ctx.props);
      // RPC types need the class, and env.ts stays free of what only a Worker has.
      const sessions = env.SESSIONS as unknown as DurableObjectNamespace<McpSession>;
      if (opensStream) {
        const id = sessions.newUniqueId();
        const stub = sessions.get(id);
        return stub.open(caller, `${messageRoute}?sessionId=${id.toString()}`);
      }
      if (request.method !== "POST") {
        return new Response("Post messages here.", { status: 405, headers: { allow: "POST" } });
      }
      const id = readSessionId(sessions, url.searchParams.get("sessionId"));
      if (id === undefined) return endedSession();
      const body = await readRequestBody(request);
      if (body.tooLarge) return new Response("The message is too large.", { status: 413 });
      const status = await sessions.get(id).deliver(caller, body.text);
      if (status === 404) return endedSession();
      if (status === 400) return new Response("Not one JSON-RPC message.", { status });
      return new Response("Accepted", { status });
    },
  };
}

/**
 * A Streamable HTTP client that was answered on this URL asks for a standalone stream after its
 * `initialize`. It gets 405 from the stateless handler, which every client takes for "none here",
 * instead of a session that nobody will use. An HTTP+SSE client that comes back after a break also
 * names its protocol version, but says `Last-Event-ID`.
 */
function isStandaloneGet(request: Request): boolean {
  return request.headers.has("mcp-protocol-version") && !request.headers.has("last-event-id");
}

/** `idFromString` throws for anything that is not an id of this class. */
function readSessionId(sessions: DurableObjectNamespace<McpSession>, text: string | null) {
  try {
    return sessions.idFromString(text ?? "");
  } catch {
    return undefined;
  }
}

function endedSession(): Response {
  return new Response("No such session. Open a new stream with GET /sse.", { status: 404 });
}
