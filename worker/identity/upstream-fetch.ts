import { UpstreamError } from "./identity.ts";

/** Milliseconds after which a server counts as silent. A person is waiting. */
const patience = 10_000;

/** Seconds to wait if the other server does not say how long. */
const usualRetryAfter = 30;

/** Longest wait that is passed on, in seconds. */
const longestRetryAfter = 3600;

/** Bytes of an answer at most: an isolate has 128 MB for all its requests. */
const largestAnswer = 1_048_576;

/** GitHub's API wants to know who asks. */
const userAgent = "remote-mcp-server";

/** A request's options, as oauth4webapi hands them to its `customFetch`. */
export interface UpstreamRequest {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: unknown;
  readonly redirect?: "manual";
  /** Bytes of the answer at most. Default: 1,048,576. */
  readonly largestAnswer?: number;
}

/**
 * Asks another server: the one that signs people in, or one that signs assertions. The body is read here, so
 * that a connection that breaks in the middle counts as an outage too.
 * @throws UpstreamError "unavailable" if it is silent or broken, sends too much, or asks us to wait.
 */
export async function fetchUpstream(url: string, request: UpstreamRequest): Promise<Response> {
  const { host } = new URL(url);
  let response: Response;
  let body: Uint8Array;
  try {
    response = await fetch(url, {
      method: request.method,
      headers: { ...request.headers, "user-agent": userAgent },
      body: (request.body ?? null) as NonNullable<RequestInit["body"]> | null,
      // Nobody's credentials follow a redirect.
      redirect: "manual",
      signal: AbortSignal.timeout(patience),
    });
    body = await readAtMost(response, request.largestAnswer ?? largestAnswer);
  } catch (error) {
    const name = error instanceof Error ? error.name : "an error";
    throw new UpstreamError("unavailable", `${host} does not answer (${name})`);
  }
  const { status, headers } = response;
  if (status >= 500 || status === 429 || isGitHubLimit(response)) {
    throw new UpstreamError("unavailable", `${host} answered ${status}`, readRetryAfter(headers));
  }
  return new Response(body.byteLength === 0 ? null : body, { status, headers });
}

/** The whole body. @throws RangeError for one that is longer. */
async function readAtMost({ body }: Response, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > most) throw new RangeError("The answer is too long.");
    chunks.push(chunk);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

/** GitHub says 403 where others say 429 (docs.github.com, "Rate limits for the REST API"). */
function isGitHubLimit({ status, headers }: Response): boolean {
  return (
    status === 403 && (headers.has("retry-after") || headers.get("x-ratelimit-remaining") === "0")
  );
}

/** `Retry-After` as seconds or as a date (RFC 9110 section 10.2.3). */
function readRetryAfter(headers: Headers): number {
  const text = headers.get("retry-after") ?? "";
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  if (!(seconds > 0)) return usualRetryAfter;
  return Math.min(Math.ceil(seconds), longestRetryAfter);
}
