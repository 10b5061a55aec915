import type { Alter } from "./altered-server.ts";

/** Changes what is answered at one path, and nothing else. */
export function at(
  path: string,
  change: (response: Response, request: Request) => Response | Promise<Response>,
): Alter {
  return async (request, pass) => {
    const { pathname } = new URL(request.url);
    return pathname === path ? change(await pass(request), request) : pass(request);
  };
}

/** Changes a document; what is none, such as the answer to a preflight, stays. */
export function rewrite(change: (document: Record<string, unknown>) => object) {
  return async (response: Response) => {
    const { headers, status } = response;
    if (headers.get("content-type") !== "application/json") return response;
    const document = (await response.json()) as Record<string, unknown>;
    const kept = new Headers(headers);
    kept.delete("content-length");
    return Response.json(change(document), { status, headers: kept });
  };
}

/** Changes headers. */
export function withHeaders(change: (headers: Headers) => void) {
  return (response: Response) => {
    const headers = new Headers(response.headers);
    change(headers);
    return new Response(response.body, { status: response.status, headers });
  };
}

/** A page for people, as firewalls, login gates and websites answer. */
export function page(title: string, status = 200): Response {
  return new Response(`<!doctype html><title>${title}</title><h1>${title}</h1>`, {
    status,
    headers: { "content-type": "text/html; charset=utf-8" },
  });
}

/** Leads elsewhere. */
export function redirectTo(location: string, status = 302): Response {
  return new Response(null, { status, headers: { location } });
}
