import { AuthorizationError, CimdFetchError } from "@cloudflare/workers-oauth-provider";
import { logEvent } from "../log.ts";
import { ErrorPage } from "../pages/error.tsx";
import { renderPage } from "../pages/render.ts";
import { oauthPaths } from "./authorization-server.ts";
import { type BrowserContext, findRepeated, redirect } from "./context.ts";
import * as problems from "./problems.ts";
import { answerUpstreamFailure } from "./upstream.ts";

/** How a problem is shown. */
interface ProblemOptions {
  /** Page of ours that tries again. */
  readonly returnTo?: string;
  readonly headers?: Headers;
}

/** Answers with a problem in words. */
export function showProblem(
  { settings }: Pick<BrowserContext, "settings">,
  problem: problems.Problem,
  status: number,
  { returnTo, headers }: ProblemOptions = {},
): Response {
  return renderPage(ErrorPage({ settings, problem, returnTo }), status, headers);
}

/** The redirect or the page for a request that cannot go on. @throws what is nobody's mistake. */
export async function answerFailure(error: unknown, context: BrowserContext): Promise<Response> {
  if (error instanceof AuthorizationError) {
    logEvent("authorize-refused", { code: error.code, redirected: error.redirectTo !== undefined });
    // A redirect is safe only after the client and its redirect URI were validated.
    if (error.redirectTo !== undefined) return redirect(error.redirectTo);
    return showProblem(context, await explain(context), 400);
  }
  if (error instanceof CimdFetchError) {
    logEvent("authorize-refused", { code: "invalid_client", reason: error.reason });
    return showProblem(context, problems.unverifiableClient, 400);
  }
  return answerUpstreamFailure(error, context);
}

/**
 * What is wrong with a request that may not be sent back. The library says it in a sentence only, so
 * this looks itself: `parseAuthRequest` refuses without a redirect where there is no client or where
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
