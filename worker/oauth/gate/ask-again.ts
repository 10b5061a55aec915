/** Seconds after which a client may try again. */
const pause = 5;

/** The answer if a gate cannot be reached now: the client keeps its tokens and tries again. */
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
