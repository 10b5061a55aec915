import { OAuthError } from "@cloudflare/workers-oauth-provider";
import { logFailure } from "../../log.ts";

/** Seconds after which a client may try again. */
const pause = 5;

/**
 * Checks a token, and tells the client to try again if Workers KV or the grant's gate does not answer: the
 * library's own 503 has no `Retry-After` (RFC 9110 section 10.2.3), so a client would take the call as failed.
 * A gate that was moved answers the second time, so each check is tried twice. A bug in this Worker or a broken
 * record is a 500 at once: it would otherwise look like an outage for ever.
 * @throws OAuthError `temporarily_unavailable` with status 503, `server_error` with status 500, or whatever
 * OAuthError the check threw.
 */
export async function checkPatiently<Result>(check: () => Promise<Result>): Promise<Result> {
  try {
    return await check().catch((error: unknown) => {
      if (error instanceof OAuthError || isDefect(error)) throw error;
      return check();
    });
  } catch (error) {
    if (error instanceof OAuthError) throw error;
    logFailure("token-check-failure", error);
    if (isDefect(error)) {
      throw new OAuthError("server_error", {
        description: "The token could not be checked. The server's log says why.",
        statusCode: 500,
      });
    }
    throw new OAuthError("temporarily_unavailable", {
      description: "The token could not be checked. Try again in a moment.",
      statusCode: 503,
      headers: { "retry-after": String(pause) },
    });
  }
}

/** Classes of errors that mean a bug or a broken record, not that something cannot be reached. */
const defects = [
  "TypeError",
  "ReferenceError",
  "RangeError",
  "SyntaxError",
  "ZodError",
  "$ZodError",
];

/** By its name: importing the class of zod's error brings all of zod's languages into the bundle. */
function isDefect(error: unknown): boolean {
  return error instanceof Error && defects.includes(error.name);
}
