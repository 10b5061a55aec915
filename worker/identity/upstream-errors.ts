import {
  AuthorizationResponseError,
  OperationProcessingError,
  ResponseBodyError,
} from "oauth4webapi";
import { UpstreamError, type UpstreamProblem } from "./identity.ts";

/**
 * What an error code of the other server means, whichever endpoint said it (RFC 6749 sections 4.1.2.1
 * and 5.2; OpenID Connect Core section 3.1.2.6). Any other code: the app is not set up there, or the
 * answer is not for us.
 */
const meanings: Readonly<Record<string, UpstreamProblem>> = {
  access_denied: "declined",
  login_required: "declined",
  interaction_required: "declined",
  account_selection_required: "declined",
  consent_required: "declined",
  server_error: "unavailable",
  temporarily_unavailable: "unavailable",
};

/** Codes that end a refresh token for good. The last one is GitHub's. */
const endings: readonly string[] = ["invalid_grant", "bad_refresh_token"];

/**
 * Says of any failure of a sign-in elsewhere what it is. Nothing of the answer goes into the message
 * but the error code: a description may hold somebody's address.
 * @param isRefresh whether tokens were renewed: the person's access may have ended.
 */
export function toUpstreamError(error: unknown, isRefresh = false): UpstreamError {
  if (error instanceof UpstreamError) return error;
  if (error instanceof AuthorizationResponseError || error instanceof ResponseBodyError) {
    const code = /^[\w.-]{1,64}$/.exec(error.error)?.[0] ?? "an unreadable error";
    const isEnd = isRefresh && endings.includes(code);
    const problem = isEnd ? "revoked" : (meanings[code] ?? "invalid");
    return new UpstreamError(problem, `the other server said ${code}`);
  }
  // The library's messages name what is wrong and hold no values.
  const { message } = error instanceof Error ? error : new Error("no error");
  const code = error instanceof OperationProcessingError ? ` (${error.code})` : "";
  return new UpstreamError("invalid", `${message}${code}`);
}
