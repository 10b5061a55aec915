import type { OAuthResourceTokenValidation } from "@cloudflare/workers-oauth-provider";
import type { WorkerEnv, WorkerSettings } from "../env.ts";
import type { ScopeCatalogue } from "../kit/define-scopes.ts";
import type { PersonProps } from "../mcp/caller.ts";
import { answerAssertion } from "./assertions/jwt-bearer.ts";
import { refuseClient } from "./clients/refuse-client.ts";
import {
  answerCompany,
  type CompanyRequest,
  checkCompanyToken,
  explainCompanyToken,
  isCompanyToken,
} from "./company/way-in.ts";
import { clientCredentialsGrant, jwtBearerGrant } from "./grant-types.ts";
import {
  answerClientCredentials,
  answerWorkload,
  checkMachineToken,
  explainMachineToken,
  isMachineToken,
  listWorkloads,
} from "./machines/way-in.ts";
import {
  checkPersonalToken,
  explainPersonalToken,
  isPersonalToken,
} from "./personal-tokens/way-in.ts";

interface TokenParts {
  readonly env: WorkerEnv;
  readonly settings: WorkerSettings;
  readonly scopes: ScopeCatalogue;
}

/**
 * Checks a token that the OAuth library does not know. The token's form tells its kind, without a
 * look-up.
 * @param resource the endpoint that was called.
 * @returns undefined for any other token; null for an invalid one.
 * @throws OAuthError, which the client gets.
 */
export function checkFurtherToken(
  parts: TokenParts,
  resource: string,
  token: string,
): Promise<OAuthResourceTokenValidation<PersonProps> | null> | undefined {
  if (parts.settings.tokens.personal !== undefined && isPersonalToken(token)) {
    return checkPersonalToken(parts, resource, token);
  }
  if (isMachineToken(token)) return checkMachineToken(parts, resource, token);
  if (isCompanyToken(token)) return checkCompanyToken(parts, resource, token);
  return undefined;
}

/**
 * Answers the token requests that the OAuth library does not know: those of machine clients, and those with an
 * assertion.
 * @returns undefined for every other request, and for a grant type that nobody uses in this stack.
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
 * Refuses to revoke tokens that the library does not know (RFC 7009 section 2.2.1): it would report success,
 * and they would continue to work.
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
  if (isMachineToken(token)) return explainMachineToken();
  if (isCompanyToken(token)) return explainCompanyToken();
  if (tokens.personal === undefined || !isPersonalToken(token)) return undefined;
  return explainPersonalToken(origin);
}
