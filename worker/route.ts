import type { ExecutionContext } from "@cloudflare/workers-types";
import { BodyTooLarge, boundBody, largestForm } from "./body.ts";
import type { WorkerEnv } from "./env.ts";
import { hasControl } from "./printable.ts";

/** One request, with everything that answering it needs. */
export interface Call {
  readonly request: Request;
  readonly url: URL;
  readonly env: WorkerEnv;
  readonly ctx: ExecutionContext;
}

export interface Route {
  /** Name in the log: a pattern, never a URL, which may hold a code. */
  readonly name: string;
  /** Bytes of a body at most. Default: `largestForm`. */
  readonly largestBody?: number;
  /** Whether it reads a body only with `readBounded`, with that limit. Default: no, and a stream bounds it. */
  readonly boundsBody?: boolean;
  answer(call: Call): Response | Promise<Response>;
  /** Refuses a request that does not reach the route, in the form that its clients read. Default: in plain words. */
  refuse?(request: Request, refusal: Refusal): Response;
}

/** Why a request does not reach its route. */
export interface Refusal {
  readonly status: 400 | 413;
  /** A sentence or two: what is wrong, and what may be. */
  readonly text: string;
}

/**
 * Has a route answer, after the checks that all routes share. A query with control characters is refused.
 * The body is bounded before the route sees it, so that no route can read more than its limit, and each answers
 * 413 (RFC 9110 section 15.5.14).
 */
export async function answerRoute(route: Route, call: Call): Promise<Response> {
  const { largestBody = largestForm, boundsBody = false, refuse = refusePlainly } = route;
  const text = findUnprintable(call.url);
  if (text !== undefined) return refuse(call.request, { status: 400, text });
  const { request, isTooLarge } = boundsBody
    ? { request: call.request, isTooLarge: () => false }
    : boundBody(call.request, largestBody);
  let response: Response | undefined;
  try {
    response = await route.answer({ ...call, request });
  } catch (error) {
    if (!isTooLarge() && !(error instanceof BodyTooLarge)) throw error;
  }
  // Whatever the route answered: it never had the whole body.
  if (isTooLarge() || response === undefined) {
    await response?.body?.cancel();
    const text = `The body is too large: it may have ${largestBody} bytes.`;
    return refuse(request, { status: 413, text });
  }
  return response;
}

/**
 * What is wrong with a query that holds control characters, as a sentence. A parameter may get into a log,
 * a page or a header, and no grammar of OAuth's allows them (RFC 6749 appendix A). But `state` is opaque, and goes back
 * encoded as it came, without being read.
 */
function findUnprintable({ searchParams }: URL): string | undefined {
  for (const [name, value] of searchParams) {
    if (hasControl(name)) return "The query holds a control character in a parameter's name.";
    if (name !== "state" && hasControl(value)) {
      return `The parameter "${name}" holds a control character.`;
    }
  }
  return undefined;
}

function refusePlainly(_request: Request, { status, text }: Refusal): Response {
  return new Response(text, { status });
}
