import type { ExecutionContext } from "@cloudflare/workers-types";
import { boundBody, largestForm } from "./body.ts";
import type { WorkerEnv } from "./env.ts";

/** One request's way through the Worker. */
export interface Call {
  readonly request: Request;
  readonly url: URL;
  readonly env: WorkerEnv;
  readonly ctx: ExecutionContext;
}

/** What answers a route. */
export interface Route {
  /** Name in the log: a pattern, never a URL, which may hold a code. */
  readonly name: string;
  /** Bytes of a body at most. Default: `largestForm`. */
  readonly largestBody?: number;
  answer(call: Call): Response | Promise<Response>;
  /** Refuses a body that has more bytes. Default: in plain words. */
  refuseBody?(request: Request, limit: number): Response;
}

/**
 * Has a route answer. Its body is bounded here, before the route sees it, so that none can read more
 * than its limit, and each says 413 (RFC 9110 section 15.5.14).
 */
export async function answerRoute(route: Route, call: Call): Promise<Response> {
  const { largestBody = largestForm, refuseBody = refusePlainly } = route;
  const { request, isTooLarge } = boundBody(call.request, largestBody);
  let response: Response | undefined;
  try {
    response = await route.answer({ ...call, request });
  } catch (error) {
    if (!isTooLarge()) throw error;
  }
  // Whatever came of it: the body was never whole.
  if (isTooLarge() || response === undefined) {
    await response?.body?.cancel();
    return refuseBody(request, largestBody);
  }
  return response;
}

function refusePlainly(_request: Request, limit: number): Response {
  return new Response(`The body is too large: it may have ${limit} bytes.`, { status: 413 });
}
