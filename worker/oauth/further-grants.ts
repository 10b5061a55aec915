import type { WorkerSettings } from "../env.ts";
import { answerAssertion, jwtBearerGrant } from "./assertions/jwt-bearer.ts";
import { refuseClient } from "./clients/refuse-client.ts";
import { answerCompany } from "./company/answer.ts";
import type { CompanyRequest } from "./company/authenticate.ts";
import { isCompanyToken } from "./company/token.ts";
import { answerClientCredentials, answerWorkload } from "./machines/answer.ts";
import { clientCredentialsGrant } from "./machines/metadata.ts";
import { isMachineToken, machineTokenLifetime } from "./machines/token.ts";
import { listWorkloads } from "./machines/workload.ts";
import { isPersonalToken } from "./personal-tokens/format.ts";

/**
 * Answers the token requests that the OAuth library knows nothing of: those of machine clients, and those with
 * an assertion.
 * @returns undefined for every other one, and for a grant that nobody has in this stack.
 */
export function answerFurtherGrant(
  asked: CompanyRequest,
): Response | Promise<Response> | undefined {
  const { request, settings, form } = asked;
  switch (form.get("grant_type")) {
    case clientCredentialsGrant:
      return settings.machines && answerClientCredentials(asked);
    case jwtBearerGrant:
      return answerAssertion(request, form, {
        company: settings.enterprise && (() => answerCompany(asked)),
        workload: listWorkloads(settings).length > 0 ? () => answerWorkload(asked) : undefined,
      });
    case null:
      return refuseRevocation(request, settings, form.get("token") ?? "");
    default:
      return undefined;
  }
}

/**
 * Tokens that are not given back here (RFC 7009 section 2.2.1): the library would say that it is done, and
 * they would go on working.
 */
function refuseRevocation(
  request: Request,
  settings: WorkerSettings,
  token: string,
): Response | undefined {
  const description = explainToken(settings, token);
  if (description === undefined) return undefined;
  return refuseClient(request, { status: 400, error: "unsupported_token_type", description });
}

function explainToken({ origin, tokens }: WorkerSettings, token: string): string | undefined {
  if (isMachineToken(token)) {
    return `The token of a machine client cannot be given back. It ends ${machineTokenLifetime / 60} minutes after it was made.`;
  }
  if (isCompanyToken(token)) {
    return "A token that was given for an assertion cannot be given back. It ends by itself, and its person can end the connection.";
  }
  if (tokens.personal === undefined || !isPersonalToken(token)) return undefined;
  return `A personal token is ended by its person: ${origin}/connections`;
}
