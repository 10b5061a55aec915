import { AuthorizationError, CimdFetchError } from "@cloudflare/workers-oauth-provider";
import { UpstreamError } from "../../identity/identity.ts";
import { logEvent } from "../../log.ts";
import { oauthPaths } from "../authorization-server.ts";
import { type BrowserContext, findRepeated } from "../context.ts";
import * as problems from "../problems.ts";
import type { Redirect, ReportUpstream, ShowProblem } from "./steps.ts";

/** The step for a request that cannot continue. @throws any error that is not the client's mistake. */
export async function explainFailure(
  error: unknown,
  context: BrowserContext,
): Promise<Redirect | ShowProblem | ReportUpstream> {
  if (error instanceof AuthorizationError) {
    const { code, redirectTo } = error;
    logEvent("authorize-refused", { code, redirected: redirectTo !== undefined });
    // A redirect is safe only after the client and its redirect URI were validated.
    return redirectTo === undefined
      ? { next: "show problem", problem: await explain(context), status: 400 }
      : { next: "redirect", to: redirectTo };
  }
  if (error instanceof CimdFetchError) {
    logEvent("authorize-refused", { code: "invalid_client", reason: error.reason });
    return { next: "show problem", problem: problems.unverifiableClient, status: 400 };
  }
  if (error instanceof UpstreamError) return { next: "report upstream", error };
  throw error;
}

/**
 * What is wrong with a request that must not be sent back. The library says it in a sentence only, so
 * this looks for itself: `parseAuthRequest` refuses without a redirect if there is no client or if
 * the redirect URI is not the client's, and everything else with one.
 */
async function explain({ request, settings, oauth }: BrowserContext): Promise<problems.Problem> {
  const url = new URL(request.url);
  if (url.pathname !== oauthPaths.authorize) return problems.usedSignIn;
  const repeated = findRepeated(url.searchParams);
  if (repeated !== undefined) return problems.explainRepeated(repeated);
  const clientId = url.searchParams.get("client_id") ?? "";
  if (clientId === "") return problems.noClient;
  // The document of such a client was read a moment ago, or this would be a CimdFetchError.
  if (settings.clients.metadataDocuments && clientId.startsWith("https:")) {
    return problems.otherRedirect;
  }
  const isKnown = (await oauth.lookupClient(clientId)) !== null;
  return isKnown ? problems.otherRedirect : problems.explainUnknownClient(settings.server.name);
}
