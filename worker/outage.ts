/** Seconds after which a client may try again. */
const pause = 30;

/**
 * Whether an error is Workers KV's or a Durable Object's own: the same request may go well later. KV's
 * errors are plain ones whose messages begin with its name ("KV PUT failed: 429 Too Many Requests",
 * "KV put() limit exceeded for the day."); those of objects say it in a property
 * (developers.cloudflare.com/durable-objects/best-practices/error-handling).
 */
function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { retryable, overloaded } = error as { retryable?: unknown; overloaded?: unknown };
  return retryable === true || overloaded === true || /^KV \w+(?:\(\))? /.test(error.message);
}

/** The answer to an unexpected error: to try again, if that can help. */
export function answerFailure(error: unknown): Response {
  if (!isOutage(error)) return new Response("The server failed. Try again later.", { status: 500 });
  return new Response("A service behind this server does not answer. Try again in a moment.", {
    status: 503,
    headers: { "retry-after": String(pause) },
  });
}
