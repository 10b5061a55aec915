import type { Http2Bindings, HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { type Context, Hono } from "hono";
import * as z from "zod";
import { refuseAbsent } from "./absent.ts";
import { ApiError, fail, toResponse } from "./api-error.ts";
import { checkAccess, findToken } from "./authorization.ts";
import type { Cloud } from "./cloud.ts";
import type { Mishap } from "./faults.ts";
import type { JournalEntry } from "./journal.ts";
import { readBody } from "./read-body.ts";
import type { Account, Token } from "./records.ts";
import { describeBody } from "./redact.ts";
import { routes } from "./resources/index.ts";
import type { Answer, Call, Route } from "./route.ts";

type Bindings = HttpBindings | Http2Bindings;
type ApiContext = Context<{ Bindings: Bindings }>;

/** The API: every endpoint under `/client/v4`, and under `/` for clients without a base path. */
export function createApi(cloud: Cloud): Hono<{ Bindings: Bindings }> {
  const api = new Hono<{ Bindings: Bindings }>();
  for (const route of routes) {
    api.on(route.method, route.path, (context) => answerCall(cloud, route, context));
  }
  api.notFound((context) => answerCall(cloud, unknownRoute, context));
  return api;
}

/** Answers requests that no endpoint takes. */
const unknownRoute: Route = {
  method: "GET",
  path: "*",
  handle: ({ request }) => {
    throw refuseAbsent(request.method, new URL(request.url).pathname);
  },
};

async function answerCall(cloud: Cloud, route: Route, context: ApiContext): Promise<Response> {
  const started = performance.now();
  const { method } = context.req;
  const { pathname, search } = new URL(context.req.url);
  const path = `${pathname}${search}`;
  const params = context.req.param() as Record<string, string>;
  const { headers } = context.req.raw;
  let bytes = new Uint8Array();
  let response: Response;
  try {
    // Before the body: a stranger's is not read.
    const admission = admit(cloud, route, { url: context.req.url, headers, params });
    // Read once: the list of calls shows it as well.
    bytes = await readBody(context.env.incoming, route.bodyLimit);
    // One that comes with GET or HEAD means nothing (RFC 9110 section 9.3.1), and `Request` takes none.
    const takesBody = method !== "GET" && method !== "HEAD" && bytes.byteLength > 0;
    const request = new Request(context.req.url, {
      method,
      headers,
      ...(takesBody && { body: bytes }),
    });
    const mishap = cloud.faults.take(method, path);
    response = await applyMishap(mishap, context, () =>
      handle(cloud, route, request, params, { ...admission, mishap }),
    );
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    response = toResponse(error);
  }
  const isSent = response !== RESPONSE_ALREADY_SENT;
  const answer = isSent ? response.clone() : new Response();
  const milliseconds = Math.round(performance.now() - started);
  // Nobody waits for it.
  void record(cloud, headers, bytes, answer, {
    method,
    path,
    status: isSent ? response.status : 0,
    milliseconds,
  });
  return response;
}

async function record(
  cloud: Cloud,
  headers: Headers,
  sent: Uint8Array<ArrayBuffer>,
  answer: Response,
  entry: Pick<JournalEntry, "method" | "path" | "status" | "milliseconds">,
): Promise<void> {
  const time = new Date().toISOString();
  const given = new Uint8Array(await answer.arrayBuffer());
  cloud.journal.add({
    ...entry,
    time,
    body: await describeBody(headers.get("content-type") ?? "", sent, entry.path),
    answer: await describeBody(answer.headers.get("content-type") ?? "", given, entry.path),
  });
}

/** Makes happen what was asked for on demand. */
async function applyMishap(
  mishap: Mishap | undefined,
  context: ApiContext,
  work: () => Promise<Response>,
): Promise<Response> {
  switch (mishap?.kind) {
    case "status": {
      const { status, retryAfter, retryAfterMs, shouldRetry } = mishap;
      const seconds = retryAfter ?? (status === 429 && retryAfterMs === undefined ? 1 : undefined);
      const headers = {
        ...(seconds !== undefined && { "retry-after": String(seconds) }),
        ...(retryAfterMs !== undefined && { "retry-after-ms": String(retryAfterMs) }),
        ...(shouldRetry !== undefined && { "x-should-retry": String(shouldRetry) }),
      };
      return toResponse(
        new ApiError(
          status as 500,
          { code: status === 429 ? 971 : 10000, message: `A fault on demand: ${status}` },
          headers,
        ),
      );
    }
    case "slow":
      await new Promise((resolve) => setTimeout(resolve, mishap.milliseconds));
      return work();
    case "reset":
      if (mishap.when === "after") await work();
      context.env.incoming.socket.destroy();
      return RESPONSE_ALREADY_SENT;
    case "truncated": {
      const response = await work();
      const body = new Uint8Array(await response.arrayBuffer());
      sendHalf(context, response, body);
      return RESPONSE_ALREADY_SENT;
    }
    default:
      return work();
  }
}

/** Announces the whole body, sends half of it and drops the connection. */
function sendHalf(context: ApiContext, response: Response, body: Uint8Array): void {
  const { outgoing } = context.env as HttpBindings;
  outgoing.writeHead(response.status, {
    "content-type": response.headers.get("content-type") ?? "application/json",
    "content-length": body.byteLength,
  });
  outgoing.write(body.subarray(0, Math.floor(body.byteLength / 2)), () => {
    outgoing.socket?.destroy();
  });
}

interface Admission {
  readonly token: Token;
  readonly account: Account | undefined;
  /** Of the answer: what is left of the calls that the token may make. */
  readonly headers: Record<string, string>;
  readonly isReading: boolean;
}

/** @throws ApiError for a token that is missing, unknown or may not do this. */
function admit(
  cloud: Cloud,
  route: Route,
  { url, headers, params }: { url: string; headers: Headers; params: Record<string, string> },
): Admission {
  const token = findToken(cloud.records, headers, route.unknownToken);
  const limits = cloud.rateLimit.take(token.id);
  try {
    const account = findAccount(cloud, route, url, params);
    const isReading = route.isReading ?? route.method === "GET";
    checkAccess(token, account, route.permission, isReading);
    return { token, account, headers: limits, isReading };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new ApiError(error.status, error.entry, { ...limits, ...error.headers });
  }
}

async function handle(
  cloud: Cloud,
  route: Route,
  request: Request,
  params: Record<string, string>,
  { token, account, headers, isReading, mishap }: Admission & { mishap: Mishap | undefined },
): Promise<Response> {
  try {
    const call: Call = {
      params,
      query: new URL(request.url).searchParams,
      request,
      token,
      cloud,
      get account() {
        if (account === undefined) throw new Error(`${route.path} names no account.`);
        return account;
      },
      json: (schema, code) => readJson(request, schema, code),
    };
    const work = () => route.handle(call);
    const result = await (mishap?.kind === "stale" && isReading
      ? cloud.store.readStale(work)
      : work());
    if (!(result instanceof Response)) return toEnvelope(result, headers);
    for (const [name, value] of Object.entries(headers)) result.headers.set(name, value);
    return result;
  } catch (error) {
    if (error instanceof ApiError) return toResponse(error, headers);
    cloud.report(error);
    return toResponse(fail(500, 10001, "The local cloud failed. Its terminal says why."), headers);
  }
}

/** The account of the path: named, or that of the zone. @throws ApiError */
function findAccount(cloud: Cloud, route: Route, url: string, params: Record<string, string>) {
  const { pathname } = new URL(url);
  const { accounts, zones } = cloud.records;
  for (const id of [params.account, params.zone]) {
    if (id === undefined || /^[0-9a-f]{32}$/.test(id)) continue;
    const words = `Could not route to ${pathname}, perhaps your object identifier is invalid?`;
    throw fail(404, 7003, words);
  }
  if (params.account !== undefined) {
    const account = accounts.get(params.account);
    if (account === undefined) throw fail(403, 10000, "Authentication error");
    return account;
  }
  if (params.zone === undefined) return undefined;
  const zone = zones.get(params.zone);
  if (zone === undefined) throw fail(403, 9109, "Unauthorized to access requested resource");
  const account = accounts.get(zone.account);
  if (account === undefined) throw new Error(`Zone ${zone.name} of ${route.path} has no account.`);
  return account;
}

async function readJson<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
  code = 10021,
): Promise<z.infer<Schema>> {
  const text = await request.text();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw fail(400, code, "The body is not JSON.");
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw fail(400, code, z.prettifyError(parsed.error).replaceAll("\n", " "));
}

function toEnvelope(
  { result, resultInfo, messages = [] }: Answer,
  headers: Record<string, string>,
): Response {
  return Response.json(
    {
      success: true,
      errors: [],
      messages,
      result,
      ...(resultInfo !== undefined && { result_info: resultInfo }),
    },
    { headers },
  );
}
