import type { Refusal } from "../../route.ts";

export interface ClientRefusal {
  readonly status: number;
  /** Code of RFC 6749 section 5.2 or RFC 7591 section 3.2.2. */
  readonly error: string;
  /** What is wrong and what to do next; clients show it. */
  readonly description: string;
  /** Seconds after which it is worth asking again. */
  readonly retryAfter?: number;
}

/** Answers a client as the OAuth library does, with the same headers for clients in a browser. */
export function refuseClient(
  request: Request,
  { status, error, description, retryAfter }: ClientRefusal,
): Response {
  const headers = new Headers({ "cache-control": "no-store", pragma: "no-cache" });
  if (retryAfter !== undefined) headers.set("retry-after", String(retryAfter));
  const origin = request.headers.get("origin");
  if (origin !== null) {
    headers.set("access-control-allow-origin", origin);
    headers.set("access-control-expose-headers", "WWW-Authenticate, Retry-After");
    headers.set("vary", "Origin");
  }
  return Response.json({ error, error_description: description }, { status, headers });
}

/** Refuses a request before its endpoint sees it. @param error the code that its clients know. */
export function refuseWith(error: string) {
  return (request: Request, { status, text }: Refusal): Response =>
    refuseClient(request, { status, error, description: text });
}
