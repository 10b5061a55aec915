/** Seconds after which a client may come again. */
const pause = 5;

/** What a client is told that a gate cannot answer now: it keeps its tokens and comes again. */
export function askAgain(): Response {
  return Response.json(
    { error: "temporarily_unavailable", error_description: "Try again in a moment." },
    {
      status: 503,
      headers: {
        "retry-after": String(pause),
        "cache-control": "no-store",
        "access-control-allow-origin": "*",
      },
    },
  );
}
