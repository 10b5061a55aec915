import type { Alter } from "../../altered-server.ts";

/** One thing that is broken in what a client meets. */
export interface Breaking {
  /** What is wrong, as a clause. */
  readonly what: string;
  /** How its line ends. */
  readonly ends: "failed" | "warning";
  /** Makes what the proxy does, anew for each run: some of it remembers. */
  readonly makeAlter: () => Alter;
}

/** Asks the server for answers that are not compressed, so that they can be read and changed. */
export function legibly(alter: Alter): Alter {
  return (request, pass) =>
    alter(request, (asked) => {
      const headers = new Headers(asked.headers);
      headers.delete("accept-encoding");
      return pass(new Request(asked, { headers }));
    });
}

/** Changes the answers to some requests. */
export function answering(
  isMeant: (seen: Seen) => boolean,
  change: (response: Response, seen: Seen) => Response | Promise<Response>,
): () => Alter {
  return () => async (request, pass) => {
    const seen = await see(request);
    const response = await pass(request);
    return isMeant(seen) ? change(response, seen) : response;
  };
}

/** Changes some requests on their way to the server. */
export function asking(
  isMeant: (seen: Seen) => boolean,
  change: (request: Request, seen: Seen) => Request,
): () => Alter {
  return () => async (request, pass) => {
    const seen = await see(request);
    return pass(isMeant(seen) ? change(request, seen) : request);
  };
}

/** A request, as far as breakings look at it. */
export interface Seen {
  readonly path: string;
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly text: string;
  readonly form: URLSearchParams;
}

export async function see(request: Request): Promise<Seen> {
  const url = new URL(request.url);
  const { method, headers } = request;
  const text = await request.clone().text();
  return { path: url.pathname, method, url, headers, text, form: new URLSearchParams(text) };
}

export const isCodeGrant = ({ path, form }: Seen) =>
  path === "/token" && form.get("grant_type") === "authorization_code";
export const isRefresh = ({ path, form }: Seen) =>
  path === "/token" && form.get("grant_type") === "refresh_token";
export const isRevocation = ({ path, form }: Seen) => path === "/token" && form.has("token");
export const isPost = ({ path, method }: Seen, at: string) => path === at && method === "POST";
export const isModern = ({ headers }: Seen) => headers.get("mcp-protocol-version") === "2026-07-28";

export function withHeader(response: Response, name: string, value: string | undefined): Response {
  const headers = new Headers(response.headers);
  if (value === undefined) headers.delete(name);
  else headers.set(name, value);
  const { status, body } = response;
  return new Response(body, { status, headers });
}

export function oauthError(status: number, error: string): Response {
  return Response.json({ error }, { status, headers: { "cache-control": "no-store" } });
}

export function rpcError(status: number, code: number, message: string): Response {
  return Response.json({ jsonrpc: "2.0", id: null, error: { code, message } }, { status });
}

/** Changes the JSON object of an answer. */
export async function withBody(
  response: Response,
  change: (body: Record<string, unknown>) => Record<string, unknown>,
): Promise<Response> {
  const body = (await response.json()) as Record<string, unknown>;
  const headers = new Headers(response.headers);
  headers.delete("content-length");
  headers.delete("transfer-encoding");
  return Response.json(change(body), { status: response.status, headers });
}

/** Changes where an answer sends the browser, if that is the client. */
export function withRedirect(response: Response, change: (target: URL) => void): Response {
  const location = response.headers.get("location") ?? "";
  if (!location.includes("/callback")) return response;
  const target = new URL(location);
  change(target);
  return withHeader(response, "location", target.href);
}

/** Gives the whole answer at once. */
export async function held(response: Response): Promise<Response> {
  const { status } = response;
  const headers = new Headers(response.headers);
  headers.delete("transfer-encoding");
  return new Response(await response.text(), { status, headers });
}

/** A stream of events without those of progress. */
export function withoutProgress(response: Response): Response {
  const { status, headers } = response;
  if (!headers.get("content-type")?.startsWith("text/event-stream")) return response;
  let rest = "";
  const filter = new TransformStream<string, string>({
    transform(text, controller) {
      const blocks = (rest + text).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) {
        if (!block.includes("notifications/progress")) controller.enqueue(`${block}\n\n`);
      }
    },
  });
  const body = response.body
    ?.pipeThrough(new TextDecoderStream())
    .pipeThrough(filter)
    .pipeThrough(new TextEncoderStream());
  return new Response(body ?? null, { status, headers });
}

/** Whether a token request or an authorization request is for an endpoint. */
export function isFor({ url, form }: Partial<Pick<Seen, "url" | "form">>, path: string): boolean {
  const resource = form?.get("resource") ?? url?.searchParams.get("resource") ?? "";
  return resource.endsWith(path);
}

export function isForForeign(url: URL): boolean {
  return url.searchParams.get("resource")?.startsWith("https://") ?? false;
}

export function withForm(request: Request, form: URLSearchParams): Request {
  const headers = new Headers(request.headers);
  headers.delete("content-length");
  return new Request(request.url, { method: request.method, headers, body: form.toString() });
}
