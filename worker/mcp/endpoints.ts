import type { OAuthResourceContext } from "@cloudflare/workers-oauth-provider";
import {
  localhostAllowedHostnames,
  originValidationResponse,
  ProtocolErrorCode,
} from "@modelcontextprotocol/server";
import type { WorkerEnv, WorkerSettings } from "../env.ts";
import type { Features } from "../kit/features.ts";
import type { Refusal } from "../route.ts";
import { type Asked, acceptBoth, readAccept, refuseAccept, toAccepted } from "./accept.ts";
import { type Caller, type PersonProps, readCaller } from "./caller.ts";
import { challengeMessage, refuseForeignGrant } from "./challenge.ts";
import { chooseLane, opensHttpSse } from "./lanes.ts";
import { readMessage } from "./message-body.ts";
import { findSession, openSession } from "./session-stubs.ts";
import { createStateless, type Stateless } from "./stateless.ts";

/** A handler behind a resource server: the token was checked. */
export interface ProtectedHandler {
  /** See `Route.boundsBody`. */
  readonly boundsBody?: boolean;
  fetch(
    request: Request,
    env: WorkerEnv,
    ctx: OAuthResourceContext<PersonProps>,
  ): Response | Promise<Response>;
}

export interface EndpointParts {
  readonly features: Features;
  readonly settings: WorkerSettings;
  /** Path of the endpoint. */
  readonly route: string;
}

/** Browser clients read the session's id and the step-up challenge only when both are exposed. */
const exposedHeaders = "mcp-session-id, WWW-Authenticate";

/** Browser pages that may call the endpoint: this machine's, the origin's own, and those in the settings. */
function listAllowedOrigins(settings: WorkerSettings): string[] {
  return [
    ...localhostAllowedHostnames(),
    new URL(settings.origin).hostname,
    ...settings.allowedOrigins,
  ];
}

/**
 * Streamable HTTP at one path. Stateless for modern clients and for legacy ones; a session object
 * serves a legacy client that can be asked, and a modern one that listens for changes.
 */
export function createStreamableHttp(parts: EndpointParts): ProtectedHandler {
  const { features, settings } = parts;
  const allowedOrigins = listAllowedOrigins(settings);
  let stateless: Stateless | undefined;
  return {
    boundsBody: true,
    async fetch(request, env, ctx) {
      const refused = originValidationResponse(request, allowedOrigins);
      if (refused) return refused;
      const caller = readCaller(ctx.auth, ctx.props);
      if (caller === undefined) return expose(refuseForeignGrant(ctx.auth.audience));
      const body = request.method === "POST" ? await readMessage(request) : undefined;
      if (body?.refusal !== undefined) {
        return refuseMessage(400, ProtocolErrorCode.InvalidRequest, body.refusal);
      }
      const message = body?.parsed;
      // The SDK reads text that is not JSON itself, and has an error for it.
      const whole =
        body === undefined || message !== undefined ? request : acceptBoth(request, body.text);
      const accepted = readAccept(request.headers);
      const isStream = request.headers.has("mcp-session-id");
      const unreadable = refuseAccept(request, accepted, message, isStream);
      if (unreadable) return expose(unreadable);
      const readsStreams = accepted.eventStream;
      const laneParts = { features, env, caller, readsStreams };
      const asked: Asked = {
        id: (message as { readonly id?: unknown } | undefined)?.id ?? null,
        async refuseQuestion(answer) {
          const questioner = await chooseLane(whole, answer, laneParts);
          if (questioner instanceof Function) await questioner();
        },
      };
      const lane = await chooseLane(whole, message, laneParts);
      stateless ??= createStateless({ features, settings, env });
      const answer = lane ?? (await stateless(whole, message, caller));
      const response = answer instanceof Response ? answer : await answer();
      return expose(await toAccepted(response, accepted, asked));
    },
  };
}

/**
 * `/sse`: HTTP+SSE for the clients that open with GET, and Streamable HTTP for everybody who posts
 * there, so that an old URL works for new clients.
 */
export function createSse(parts: EndpointParts): ProtectedHandler {
  const { features, settings, route } = parts;
  const streamableHttp = createStreamableHttp(parts);
  const messageRoute = `${route}/message`;
  const allowedOrigins = listAllowedOrigins(settings);
  return {
    boundsBody: true,
    async fetch(request, env, ctx) {
      const url = new URL(request.url);
      const isMessage = url.pathname === messageRoute;
      const opensStream = !isMessage && opensHttpSse(request);
      if (!isMessage && !opensStream) return streamableHttp.fetch(request, env, ctx);
      const refused = originValidationResponse(request, allowedOrigins);
      if (refused) return refused;
      const caller = readCaller(ctx.auth, ctx.props);
      if (caller === undefined) return expose(refuseForeignGrant(ctx.auth.audience));
      if (opensStream) {
        const unreadable = refuseAccept(request, readAccept(request.headers), undefined, true);
        if (unreadable) return expose(unreadable);
        const { id, stub } = openSession(env);
        return stub.open(caller, `${messageRoute}?sessionId=${id}`);
      }
      if (request.method !== "POST") {
        return new Response("Post messages here.", { status: 405, headers: { allow: "POST" } });
      }
      return expose(await takeMessage(request, env, caller, features));
    },
  };
}

/** Takes a message of an HTTP+SSE client. The answer to it goes out on the stream. */
async function takeMessage(
  request: Request,
  env: WorkerEnv,
  caller: Caller,
  features: Features,
): Promise<Response> {
  const session = findSession(env, new URL(request.url).searchParams.get("sessionId"));
  if (session === undefined) return endedSession();
  const body = await readMessage(request);
  if (body.refusal !== undefined) return new Response(body.refusal, { status: 400 });
  // Answered here, as on Streamable HTTP: on the stream, a client could not step up.
  const refused = challengeMessage({ features, settings: env.SETTINGS }, caller, body.parsed);
  if (refused) return refused;
  const status = await session.deliver(caller, body.text);
  if (status === 404) return endedSession();
  if (status === 400) return new Response("Not one JSON-RPC message.", { status });
  return new Response("Accepted", { status });
}

/** Refuses a request before an endpoint sees it: a message that is too large, mostly. */
export function refuseRequest(_request: Request, { status, text }: Refusal): Response {
  return refuseMessage(status, -32000, text);
}

function refuseMessage(status: number, code: number, message: string): Response {
  return expose(Response.json({ jsonrpc: "2.0", error: { code, message }, id: null }, { status }));
}

function expose(response: Response): Response {
  try {
    setExposed(response.headers);
    return response;
  } catch {
    // A response from a Durable Object cannot be changed.
    const headers = new Headers(response.headers);
    setExposed(headers);
    return new Response(response.body, { status: response.status, headers });
  }
}

function setExposed(headers: Headers): void {
  headers.set("access-control-allow-origin", "*");
  headers.set("access-control-expose-headers", exposedHeaders);
}

function endedSession(): Response {
  return new Response("No such session. Open a new stream with GET /sse.", { status: 404 });
}
