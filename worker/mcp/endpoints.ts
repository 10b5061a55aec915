import type { OAuthResourceContext } from "@cloudflare/workers-oauth-provider";
import {
  localhostAllowedHostnames,
  originValidationResponse,
  ProtocolErrorCode,
} from "@modelcontextprotocol/server";
import { createMcpHandler } from "agents/mcp/server";
import { withBody } from "../body.ts";
import type { WorkerEnv, WorkerSettings } from "../env.ts";
import type { Features } from "../kit/features.ts";
import { logProtocolFailure } from "../log.ts";
import type { Refusal } from "../route.ts";
import { type Asked, acceptBoth, readAccept, refuseAccept, toAccepted } from "./accept.ts";
import { type Caller, type PersonProps, readCaller, toAuthInfo } from "./caller.ts";
import { findNeededScope, refuseForeignGrant, refuseWithoutScope } from "./challenge.ts";
import { chooseLane, opensHttpSse } from "./lanes.ts";
import { readMessage } from "./message-body.ts";
import { mayHave } from "./registration.ts";
import { createServer } from "./server.ts";
import { findSession, openSession } from "./session-stubs.ts";

/** A handler behind a resource server: the token was checked. */
export interface ProtectedHandler {
  fetch(
    request: Request,
    env: WorkerEnv,
    ctx: OAuthResourceContext<PersonProps>,
  ): Response | Promise<Response>;
}

/** What an endpoint is made of. */
export interface EndpointParts {
  readonly features: Features;
  readonly settings: WorkerSettings;
  /** Path of the endpoint. */
  readonly route: string;
}

/** Browser clients read the session's id and the step-up challenge only when both are exposed. */
const exposedHeaders = "mcp-session-id, WWW-Authenticate";

/** Browser pages that may call: this machine's, the origin's own and those the settings list. */
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
  const { features, settings, route } = parts;
  const allowedOrigins = listAllowedOrigins(settings);
  const stateless = (env: WorkerEnv) =>
    createMcpHandler(
      // A modern client subscribes with a request of its own, which a session object serves.
      ({ era }) => createServer({ features, settings, env, canSubscribe: era === "modern" }),
      {
        route,
        allowedHostnames: [new URL(settings.origin).hostname],
        allowedOriginHostnames: allowedOrigins,
        corsOptions: { exposeHeaders: exposedHeaders },
        onerror: logProtocolFailure,
      },
    );
  let handler: ReturnType<typeof stateless> | undefined;
  return {
    async fetch(request, env, ctx) {
      const refused = originValidationResponse(request, allowedOrigins);
      if (refused) return refused;
      const caller = readCaller(ctx.auth, ctx.props);
      if (caller === undefined) return expose(refuseForeignGrant(ctx.auth.audience));
      const body = await readBody(request);
      if (body instanceof Response) return body;
      const accepted = readAccept(request.headers);
      const unreadable = refuseAccept(
        request,
        accepted,
        body.parsed,
        request.headers.has("mcp-session-id"),
      );
      if (unreadable) return expose(unreadable);
      const whole = acceptBoth(body.request);
      const readsStreams = accepted.eventStream;
      const laneParts = { features, env, caller, readsStreams };
      const lane = await chooseLane(whole, body.parsed, laneParts);
      const asked: Asked = {
        id: (body.parsed as { readonly id?: unknown } | undefined)?.id ?? null,
        async refuseQuestion(answer) {
          const questioner = await chooseLane(whole, answer, laneParts);
          if (questioner instanceof Function) await questioner();
        },
      };
      if (lane !== undefined) {
        const response = lane instanceof Response ? lane : await lane();
        return expose(await toAccepted(response, accepted, asked));
      }
      handler ??= stateless(env);
      const response = await handler.fetch(whole, {
        authInfo: toAuthInfo(caller),
        ...(body.parsed !== undefined && { parsedBody: body.parsed }),
      });
      return toAccepted(response, accepted, asked);
    },
  };
}

/**
 * `/sse`: HTTP+SSE for the clients that open with GET, and Streamable HTTP for everybody who posts
 * there, so that an old URL works for a new client.
 */
export function createSse(parts: EndpointParts): ProtectedHandler {
  const { features, settings, route } = parts;
  const streamableHttp = createStreamableHttp(parts);
  const messageRoute = `${route}/message`;
  const allowedOrigins = listAllowedOrigins(settings);
  return {
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
  const scope = findNeededScope(features, body.parsed);
  // Answered here, as on Streamable HTTP: on the stream, a client could not step up.
  const limits = { scopes: features.scopes, settings: env.SETTINGS };
  // Who may never have it is told in words, by the call.
  const canAsk = scope !== undefined && mayHave(limits, caller.person, scope);
  const refused = canAsk && refuseWithoutScope(features.scopes, caller, scope);
  if (refused) return refused;
  const status = await session.deliver(caller, body.text);
  if (status === 404) return endedSession();
  if (status === 400) return new Response("Not one JSON-RPC message.", { status });
  return new Response("Accepted", { status });
}

/**
 * Reads the body once for all that look at it. What is no JSON goes on as it came: the SDK has the
 * words for it.
 */
async function readBody(
  request: Request,
): Promise<{ readonly request: Request; readonly parsed: unknown } | Response> {
  if (request.method !== "POST") return { request, parsed: undefined };
  const { text, parsed, refusal } = await readMessage(request);
  if (refusal !== undefined) return refuseMessage(400, ProtocolErrorCode.InvalidRequest, refusal);
  return { request: withBody(request, text), parsed };
}

/** Refuses a request before an endpoint sees it: a message that is too large, mostly. */
export function refuseRequest(_request: Request, { status, text }: Refusal): Response {
  return refuseMessage(status, -32000, text);
}

function refuseMessage(status: number, code: number, message: string): Response {
  return expose(Response.json({ jsonrpc: "2.0", error: { code, message }, id: null }, { status }));
}

function expose(response: Response): Response {
  const headers = new Headers(response.headers);
  headers.set("access-control-allow-origin", "*");
  headers.set("access-control-expose-headers", exposedHeaders);
  return new Response(response.body, { status: response.status, headers });
}

function endedSession(): Response {
  return new Response("No such session. Open a new stream with GET /sse.", { status: 404 });
}
