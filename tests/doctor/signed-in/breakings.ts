import { setTimeout as wait } from "node:timers/promises";
import type { Alter } from "../altered-server.ts";

/** One thing that is broken in what a client meets. */
export interface Breaking {
  /** What is wrong, as a clause. */
  readonly what: string;
  /** How its line ends. */
  readonly ends: "failed" | "warning";
  /** Makes what the proxy does, anew for each run: some of it remembers. */
  readonly makeAlter: () => Alter;
}

/** Changes the answers to some requests. */
function answering(
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
function asking(
  isMeant: (seen: Seen) => boolean,
  change: (request: Request, seen: Seen) => Request,
): () => Alter {
  return () => async (request, pass) => {
    const seen = await see(request);
    return pass(isMeant(seen) ? change(request, seen) : request);
  };
}

/** A request, as far as breakings look at it. */
interface Seen {
  readonly path: string;
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly text: string;
  readonly form: URLSearchParams;
}

async function see(request: Request): Promise<Seen> {
  const url = new URL(request.url);
  const { method, headers } = request;
  const text = await request.clone().text();
  return { path: url.pathname, method, url, headers, text, form: new URLSearchParams(text) };
}

const isCodeGrant = ({ path, form }: Seen) =>
  path === "/token" && form.get("grant_type") === "authorization_code";
const isRefresh = ({ path, form }: Seen) =>
  path === "/token" && form.get("grant_type") === "refresh_token";
const isRevocation = ({ path, form }: Seen) => path === "/token" && form.has("token");
const isPost = ({ path, method }: Seen, at: string) => path === at && method === "POST";
const isModern = ({ headers }: Seen) => headers.get("mcp-protocol-version") === "2026-07-28";

function withHeader(response: Response, name: string, value: string | undefined): Response {
  const headers = new Headers(response.headers);
  if (value === undefined) headers.delete(name);
  else headers.set(name, value);
  const { status, body } = response;
  return new Response(body, { status, headers });
}

function oauthError(status: number, error: string): Response {
  return Response.json({ error }, { status, headers: { "cache-control": "no-store" } });
}

function rpcError(status: number, code: number, message: string): Response {
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
function withRedirect(response: Response, change: (target: URL) => void): Response {
  const location = response.headers.get("location") ?? "";
  if (!location.includes("/callback")) return response;
  const target = new URL(location);
  change(target);
  return withHeader(response, "location", target.href);
}

/** Gives the whole answer at once. */
async function held(response: Response): Promise<Response> {
  const { status } = response;
  const headers = new Headers(response.headers);
  headers.delete("transfer-encoding");
  return new Response(await response.text(), { status, headers });
}

/** A stream of events without those of progress. */
function withoutProgress(response: Response): Response {
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

/** Each check of the list with what breaks it, and it alone. */
export const breakings: Readonly<Record<string, readonly Breaking[]>> = {
  "sign-in": [
    {
      what: "the redirect to the client loses its state",
      ends: "failed",
      makeAlter: answering(
        ({ path }) => path === "/authorize",
        (response) => withRedirect(response, (target) => target.searchParams.delete("state")),
      ),
    },
    {
      what: "the redirect to the client names another issuer",
      ends: "failed",
      makeAlter: answering(
        ({ path }) => path === "/authorize",
        (response) =>
          withRedirect(response, (target) => target.searchParams.set("iss", "https://e.example")),
      ),
    },
    {
      what: "the consent is answered with access_denied",
      ends: "failed",
      makeAlter: answering(
        ({ path }) => path === "/authorize",
        (response) =>
          withRedirect(response, ({ searchParams }) => {
            searchParams.delete("code");
            searchParams.set("error", "access_denied");
          }),
      ),
    },
    {
      what: "the sign-in page is down",
      ends: "failed",
      // Not the request that asks for another server's token: nobody signs in for it.
      makeAlter: answering(
        ({ path, url }) => path === "/authorize" && !isForForeign(url),
        () => new Response("<title>502</title>", { status: 502 }),
      ),
    },
  ],
  "wrong-verifier": [
    {
      what: "a code is redeemed with any verifier",
      ends: "failed",
      makeAlter: () => redeemAnything(),
    },
    {
      what: "a wrong verifier is refused with another error",
      ends: "failed",
      makeAlter: answering(isCodeGrant, (response) =>
        response.ok ? response : oauthError(400, "invalid_request"),
      ),
    },
  ],
  token: [
    {
      what: "caches may keep the tokens",
      ends: "failed",
      makeAlter: answering(isCodeGrant, (response) =>
        withHeader(response, "cache-control", undefined),
      ),
    },
    {
      what: "the token answer does not say how long the token is good",
      ends: "warning",
      makeAlter: answering(isCodeGrant, (response) =>
        response.ok ? withBody(response, ({ expires_in: _, ...rest }) => rest) : response,
      ),
    },
    {
      what: "the token is of a type that nobody knows",
      ends: "failed",
      // The login for the other endpoint has a line of its own.
      makeAlter: answering(
        (seen) => isCodeGrant(seen) && isFor(seen, "/mcp"),
        (response) =>
          response.ok ? withBody(response, (body) => ({ ...body, token_type: "mac" })) : response,
      ),
    },
  ],
  "token-opens": [
    {
      what: "a firewall blocks calls with a token",
      ends: "failed",
      makeAlter: answering(
        (seen) => isPost(seen, "/mcp"),
        () => new Response("<title>Blocked</title>", { status: 403 }),
      ),
    },
    {
      what: "the Authorization header is lost on its way to the endpoint",
      ends: "failed",
      makeAlter: asking(
        (seen) => isPost(seen, "/mcp"),
        (request) => {
          const headers = new Headers(request.headers);
          headers.delete("authorization");
          return new Request(request, { headers });
        },
      ),
    },
  ],
  "modern-call": [
    {
      what: "calls of the 2026-07-28 protocol fail",
      ends: "failed",
      makeAlter: answering(
        (seen) => isPost(seen, "/mcp") && isModern(seen),
        () => rpcError(500, -32603, "Internal error"),
      ),
    },
    {
      what: "the Mcp-Method header is lost on its way",
      ends: "failed",
      makeAlter: asking(
        (seen) => isPost(seen, "/mcp") && isModern(seen),
        (request) => {
          const headers = new Headers(request.headers);
          headers.delete("mcp-method");
          return new Request(request, { headers });
        },
      ),
    },
    {
      what: "the server does not speak the 2026-07-28 protocol",
      ends: "warning",
      makeAlter: answering(
        (seen) => isPost(seen, "/mcp") && isModern(seen),
        () => rpcError(400, -32000, "Bad Request: Unsupported protocol version"),
      ),
    },
  ],
  "legacy-call": [
    {
      what: "initialize fails",
      ends: "failed",
      makeAlter: answering(
        (seen) => isPost(seen, "/mcp") && seen.text.includes('"initialize"'),
        () => new Response("Bad gateway", { status: 502 }),
      ),
    },
    {
      what: "the server speaks the 2026-07-28 protocol only",
      ends: "warning",
      makeAlter: answering(
        (seen) => isPost(seen, "/mcp") && seen.text.includes('"initialize"'),
        () => rpcError(400, -32022, "Unsupported protocol version"),
      ),
    },
  ],
  progress: [
    {
      what: "progress is lost over Streamable HTTP",
      ends: "failed",
      makeAlter: answering((seen) => isPost(seen, "/mcp"), withoutProgress),
    },
    {
      what: "what stands in front of the server holds its streams back",
      ends: "warning",
      makeAlter: answering((seen) => isPost(seen, "/mcp"), held),
    },
  ],
  "step-up": [
    {
      what: "the challenge of a step-up is lost",
      ends: "failed",
      makeAlter: answering(
        (seen) => isPost(seen, "/mcp"),
        (response) =>
          response.status === 403 ? withHeader(response, "www-authenticate", undefined) : response,
      ),
    },
    {
      what: "the challenge of a step-up names no scope",
      ends: "warning",
      makeAlter: answering(
        (seen) => isPost(seen, "/mcp"),
        (response) =>
          response.status === 403
            ? withHeader(response, "www-authenticate", 'Bearer error="insufficient_scope"')
            : response,
      ),
    },
    {
      what: "the challenge of a step-up leaves out what was granted",
      ends: "warning",
      makeAlter: answering(
        (seen) => isPost(seen, "/mcp"),
        (response) =>
          response.status === 403
            ? withHeader(
                response,
                "www-authenticate",
                'Bearer error="insufficient_scope", scope="memory:read"',
              )
            : response,
      ),
    },
  ],
  "sse-sign-in": [
    {
      what: "the authorization server does not know the endpoint of HTTP+SSE",
      ends: "failed",
      makeAlter: answering(
        ({ path, url }) => path === "/authorize" && isFor({ url }, "/sse"),
        (response) =>
          withRedirect(response, ({ searchParams }) => {
            searchParams.delete("code");
            searchParams.set("error", "invalid_target");
          }),
      ),
    },
  ],
  "sse-stream": [
    {
      what: "the stream of HTTP+SSE is not to be had",
      ends: "failed",
      makeAlter: answering(
        ({ path, method }) => path === "/sse" && method === "GET",
        (response) => (response.ok ? new Response("Not found", { status: 404 }) : response),
      ),
    },
    {
      what: "the stream of HTTP+SSE comes as a page",
      ends: "failed",
      makeAlter: answering(
        ({ path, method }) => path === "/sse" && method === "GET",
        (response) => (response.ok ? withHeader(response, "content-type", "text/html") : response),
      ),
    },
  ],
  "sse-message": [
    {
      what: "messages of HTTP+SSE are refused",
      ends: "failed",
      makeAlter: answering(
        (seen) => isPost(seen, "/sse/message"),
        () => new Response("No such session", { status: 404 }),
      ),
    },
  ],
  "sse-progress": [
    {
      what: "progress is lost over HTTP+SSE",
      ends: "failed",
      makeAlter: answering(({ path }) => path === "/sse", withoutProgress),
    },
  ],
  "foreign-resource": [
    {
      what: "nobody looks at the resource of a request",
      ends: "warning",
      makeAlter: () => async (request, pass) => {
        const seen = await see(request);
        if (seen.path === "/authorize" && isForForeign(seen.url)) {
          seen.url.searchParams.delete("resource");
          return pass(new Request(seen.url, request));
        }
        if (!isRefresh(seen)) return pass(request);
        seen.form.delete("resource");
        return pass(withForm(request, seen.form));
      },
    },
  ],
  audience: [
    {
      what: "the endpoint of Streamable HTTP takes a token of the other",
      ends: "failed",
      makeAlter: () => takeTokensOf("/sse"),
    },
    {
      what: "the endpoint of HTTP+SSE takes a token of the other",
      ends: "failed",
      makeAlter: answering(
        ({ path, method }) => path === "/sse" && method === "GET",
        (response) => (response.ok ? response : new Response("", { status: 200 })),
      ),
    },
  ],
  refresh: [
    {
      what: "no refresh token is taken",
      ends: "failed",
      makeAlter: answering(isRefresh, () => oauthError(400, "invalid_grant")),
    },
    {
      what: "refreshes fail with another error",
      ends: "failed",
      makeAlter: answering(isRefresh, () => new Response("Bad gateway", { status: 502 })),
    },
    {
      what: "the refresh token stays the same",
      ends: "failed",
      makeAlter: () => keepRefreshToken(),
    },
    {
      what: "the token that a refresh gives opens nothing",
      ends: "failed",
      makeAlter: () => spoilRefreshed(),
    },
  ],
  latency: [
    {
      what: "one step takes longer than two seconds",
      ends: "warning",
      makeAlter: answering(
        (seen) => isCodeGrant(seen) && isFor(seen, "/sse"),
        async (response) => {
          await wait(2_050);
          return response;
        },
      ),
    },
  ],
  "refresh-at-once": [
    {
      what: "of two refreshes at once one is refused",
      ends: "warning",
      makeAlter: () => refuseSecondAtOnce(),
    },
  ],
  "refresh-again": [
    {
      what: "a refresh token that comes again is refused",
      ends: "warning",
      makeAlter: () => refuseAgain(() => oauthError(400, "invalid_grant")),
    },
    {
      what: "a refresh token that comes again is answered with an error that is none of OAuth's",
      ends: "failed",
      makeAlter: () => refuseAgain(() => oauthError(400, "server_error")),
    },
  ],
  revoke: [
    {
      what: "a revocation is answered, and nothing happens",
      ends: "failed",
      makeAlter: () => async (request, pass) =>
        isRevocation(await see(request)) ? new Response(null, { status: 200 }) : pass(request),
    },
    {
      what: "a revocation fails",
      ends: "failed",
      makeAlter: () => async (request, pass) =>
        isRevocation(await see(request))
          ? oauthError(400, "unsupported_token_type")
          : pass(request),
    },
  ],
  "revoke-effect": [
    {
      what: "the endpoint goes on with a token that was given back",
      ends: "warning",
      makeAlter: () => forgetNoToken(),
    },
  ],
};

/** Whether a token request or an authorization request is for an endpoint. */
function isFor({ url, form }: Partial<Pick<Seen, "url" | "form">>, path: string): boolean {
  const resource = form?.get("resource") ?? url?.searchParams.get("resource") ?? "";
  return resource.endsWith(path);
}

function isForForeign(url: URL): boolean {
  return url.searchParams.get("resource")?.startsWith("https://") ?? false;
}

function withForm(request: Request, form: URLSearchParams): Request {
  const headers = new Headers(request.headers);
  headers.delete("content-length");
  return new Request(request.url, { method: request.method, headers, body: form.toString() });
}

/** Plays a server that does not compare the verifier: it keeps the answer to the right one. */
function redeemAnything(): Alter {
  return async (request, pass) => {
    const seen = await see(request);
    const response = await pass(request);
    if (!isCodeGrant(seen) || response.ok) return response;
    return Response.json(
      { access_token: "taken:without:verifier", token_type: "bearer", expires_in: 60 },
      { headers: { "cache-control": "no-store" } },
    );
  };
}

/** Lets tokens of another endpoint through at `/mcp`. */
function takeTokensOf(path: string): Alter {
  const tokens = new Set<string>();
  return async (request, pass) => {
    const seen = await see(request);
    const token = seen.headers.get("authorization")?.replace("Bearer ", "") ?? "";
    if (seen.path === "/mcp" && tokens.has(token)) return Response.json({});
    const response = await pass(request);
    if (isCodeGrant(seen) && isFor(seen, path) && response.ok) {
      const { access_token } = (await response.clone().json()) as { access_token: string };
      tokens.add(access_token);
    }
    return response;
  };
}

/** Plays a server that does not rotate: clients see their first refresh token again and again. */
function keepRefreshToken(): Alter {
  const newest = new Map<string, string>();
  return async (request, pass) => {
    const seen = await see(request);
    if (!isRefresh(seen)) return pass(request);
    const shown = seen.form.get("refresh_token") ?? "";
    seen.form.set("refresh_token", newest.get(shown) ?? shown);
    const response = await pass(withForm(request, seen.form));
    if (!response.ok) return response;
    return withBody(response, (body) => {
      newest.set(shown, String(body.refresh_token));
      return { ...body, refresh_token: shown };
    });
  };
}

/** Gives access tokens at a refresh that nobody knows. */
function spoilRefreshed(): Alter {
  return async (request, pass) => {
    const seen = await see(request);
    const response = await pass(request);
    if (!isRefresh(seen) || !response.ok) return response;
    return withBody(response, (body) => ({ ...body, access_token: `${body.access_token}x` }));
  };
}

/** Refuses a refresh while another one with the same token is on its way. */
function refuseSecondAtOnce(): Alter {
  const pending = new Set<string>();
  return async (request, pass) => {
    const seen = await see(request);
    const token = seen.form.get("refresh_token") ?? "";
    if (!isRefresh(seen)) return pass(request);
    if (pending.has(token)) return oauthError(400, "invalid_grant");
    pending.add(token);
    // Until the other one is there as well.
    const response = await pass(request);
    await wait(50);
    pending.delete(token);
    return response;
  };
}

/** Refuses a refresh token that was used before, unless both came at once. */
function refuseAgain(refuse: () => Response): Alter {
  const used = new Set<string>();
  let pending = 0;
  let atOnce = 0;
  return async (request, pass) => {
    const seen = await see(request);
    if (!isRefresh(seen)) return pass(request);
    const token = seen.form.get("refresh_token") ?? "";
    if (used.has(token) && pending === 0 && atOnce === 0) return refuse();
    pending++;
    if (pending > 1) atOnce = 2;
    const response = await pass(request);
    await wait(20);
    pending--;
    used.add(token);
    if (pending === 0 && atOnce > 0) atOnce--;
    return response;
  };
}

/** Lets a token through at `/mcp` that was good once. */
function forgetNoToken(): Alter {
  const given = new Set<string>();
  return async (request, pass) => {
    const seen = await see(request);
    const response = await pass(request);
    if (isRefresh(seen) && response.ok) {
      const { access_token: token } = (await response.clone().json()) as { access_token: string };
      given.add(`Bearer ${token}`);
    }
    const token = seen.headers.get("authorization") ?? "";
    const isEnded = response.status === 401 && given.has(token);
    return isPost(seen, "/mcp") && isEnded ? Response.json({}) : response;
  };
}
