import { answerAssertion, jwtBearerGrant } from "./assertions/jwt-bearer.ts";
import { refuseClient } from "./clients/refuse-client.ts";
import { answerCompany } from "./company/answer.ts";
import type { CompanyRequest } from "./company/authenticate.ts";
import { isCompanyToken } from "./company/token.ts";
import { answerClientCredentials, answerWorkload } from "./machines/answer.ts";
import { clientCredentialsGrant } from "./machines/metadata.ts";
import { isMachineToken, machineTokenLifetime } from "./machines/token.ts";
import { listWorkloads } from "./machines/workload.ts";

/**
 * Answers the token requests that the OAuth library knows nothing of: those of machine clients, and those with
 * an assertion.
 * @param body of the request, as text.
 * @returns undefined for every other one, and for a grant that nobody has in this stack.
 */
export function answerFurtherGrant(
  asked: Omit<CompanyRequest, "form">,
  body: string,
): Response | Promise<Response> | undefined {
  const { request, settings } = asked;
  const form = new URLSearchParams(body);
  const named = { ...asked, form };
  switch (form.get("grant_type")) {
    case clientCredentialsGrant:
      return settings.machines && answerClientCredentials(named);
    case jwtBearerGrant:
      return answerAssertion(request, form, {
        company: settings.enterprise && (() => answerCompany(named)),
        workload: listWorkloads(settings).length > 0 ? () => answerWorkload(named) : undefined,
      });
    case null:
      return refuseRevocation(request, form.get("token") ?? "");
    default:
      return undefined;
  }
}

/** Nothing is stored of such a token that could be deleted (RFC 7009 section 2.2.1). */
function refuseRevocation(request: Request, token: string): Response | undefined {
  if (!isMachineToken(token) && !isCompanyToken(token)) return undefined;
  const description = isMachineToken(token)
    ? `The token of a machine client cannot be given back. It ends ${machineTokenLifetime / 60} minutes after it was made.`
    : "A token that was given for an assertion cannot be given back. It ends by itself, and its person can end the connection.";
  return refuseClient(request, { status: 400, error: "unsupported_token_type", description });
}
