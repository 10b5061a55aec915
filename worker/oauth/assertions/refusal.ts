import { UpstreamError } from "../../identity/identity.ts";
import { logEvent, logFailure } from "../../log.ts";
import { type ClientRefusal, refuseClient } from "../clients/refuse-client.ts";
import { AssertionError } from "./verify.ts";

/** Refuses a token request of a machine client, or one with an assertion. */
export class TokenRefusal extends Error {
  override readonly name = "TokenRefusal";
  readonly refusal: ClientRefusal;
  /** For the log. */
  readonly reason: string;

  /** @param description for the client: what is wrong and what to do next. */
  constructor(error: string, reason: string, description: string) {
    super(description);
    this.reason = reason;
    this.refusal = { status: error === "invalid_client" ? 401 : 400, error, description };
  }
}

/**
 * The refusal for a failed assertion. @param error OAuth's code for it.
 * @throws any error that is not the assertion's fault.
 */
export function refuseAssertion(error: string, thrown: unknown): never {
  if (!(thrown instanceof AssertionError)) throw thrown;
  throw new TokenRefusal(error, thrown.reason, `The assertion does not hold. ${thrown.message}`);
}

/**
 * Answers a request, and refuses it in OAuth's words if `answer` throws.
 * @param isCompany whether it came with a company's assertion; the log tells the two apart.
 */
export async function answerOrRefuse(
  request: Request,
  answer: () => Promise<Response>,
  isCompany = false,
): Promise<Response> {
  try {
    return await answer();
  } catch (error) {
    if (error instanceof TokenRefusal) {
      const { refusal, reason } = error;
      const fields = { code: refusal.error, reason };
      if (isCompany) logEvent("enterprise-refused", fields);
      else logEvent("machine-refused", fields);
      const response = refuseClient(request, refusal);
      // A client that used the header is told so (RFC 6749 section 5.2).
      if (refusal.status === 401 && request.headers.has("authorization")) {
        response.headers.set("www-authenticate", 'Basic realm="OAuth"');
      }
      return response;
    }
    if (error instanceof UpstreamError) {
      logFailure("keys-failure", error);
      return refuseClient(request, {
        status: 503,
        error: "temporarily_unavailable",
        description: "The keys that the assertion is checked with cannot be read. Try again.",
        retryAfter: error.retryAfter ?? 30,
      });
    }
    throw error;
  }
}
