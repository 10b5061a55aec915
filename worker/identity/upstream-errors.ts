import {
  AuthorizationResponseError,
  OperationProcessingError,
  ResponseBodyError,
} from "oauth4webapi";
import { logEvent } from "../log.ts";
import {
  UpstreamError,
  type UpstreamProblem,
  type UpstreamRenewal,
  type UpstreamTokens,
} from "./identity.ts";

/**
 * What an error code of the other server means, whichever endpoint said it (RFC 6749 sections 4.1.2.1
 * and 5.2; OpenID Connect Core section 3.1.2.6). Any other code: the app is not set up there, or the
 * answer is not for us.
 */
const meanings = new Map<string, UpstreamProblem>(
  Object.entries({
    access_denied: "declined",
    login_required: "declined",
    interaction_required: "declined",
    account_selection_required: "declined",
    consent_required: "declined",
    server_error: "unavailable",
    temporarily_unavailable: "unavailable",
    invalid_grant: "revoked",
    // GitHub's word for the same.
    bad_refresh_token: "revoked",
  } as const),
);

/**
 * Asks for a person's groups after the upstream gave fresh tokens. The previous refresh token is used up by
 * then: a failure now must not lose the new one, or the connection would end.
 * @param name of the method, for the log.
 * @throws UpstreamError "revoked" if the person's access has ended for good.
 */
export async function askRenewed(
  name: string,
  tokens: UpstreamTokens,
  ask: () => Promise<Omit<UpstreamRenewal, "tokens">>,
): Promise<UpstreamRenewal> {
  try {
    return { tokens, ...(await ask()) };
  } catch (error) {
    const failure = toUpstreamError(error);
    const { problem, message } = failure;
    if (problem === "revoked") throw failure;
    logEvent("upstream-refresh-failed", { method: name, problem, reason: message });
    return { tokens, isIncomplete: true };
  }
}

/**
 * Turns any failure of a sign-in elsewhere into an UpstreamError. Nothing of the answer goes into the message
 * but the error code: a description may hold somebody's address.
 */
export function toUpstreamError(error: unknown): UpstreamError {
  if (error instanceof UpstreamError) return error;
  if (error instanceof AuthorizationResponseError || error instanceof ResponseBodyError) {
    const code = /^[\w.-]{1,64}$/.exec(error.error)?.[0] ?? "an unreadable error";
    return new UpstreamError(meanings.get(code) ?? "invalid", `the other server said ${code}`);
  }
  // The library's messages name what is wrong and hold no values.
  const { message } = error instanceof Error ? error : new Error("no error");
  const code = error instanceof OperationProcessingError ? ` (${error.code})` : "";
  return new UpstreamError("invalid", `${message}${code}`);
}
