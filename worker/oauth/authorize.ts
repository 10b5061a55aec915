import type { AuthRequest } from "@cloudflare/workers-oauth-provider";
import { authorizationErrorRedirect } from "@cloudflare/workers-oauth-provider";
import { isAllowed } from "../identity/allowed.ts";
import type { Identity } from "../identity/identity.ts";
import { selectIdentity } from "../identity/index.ts";
import { findSignedIn } from "../identity/signed-in.ts";
import { logEvent } from "../log.ts";
import { toShownName } from "../pages/shown-text.ts";
import { answerPage } from "./answer-page.ts";
import { complete } from "./complete.ts";
import { decide, showConsent } from "./consent.ts";
import { type BrowserContext, readAuthRequest, redirect } from "./context.ts";
import { showProblem } from "./failure.ts";
import * as problems from "./problems.ts";
import { showRefused } from "./refused.ts";
import { isRemembered } from "./remembered.ts";
import { showSignIn, signOut, takeSignIn } from "./sign-in.ts";
import { findCause, readCause, type VisitCause } from "./visit.ts";

/**
 * `GET /authorize` shows the sign-in page, or the consent page. Where people sign in at another server,
 * consent comes first and the other server afterwards (MCP security best practices, "Confused
 * Deputy"). `POST /authorize` takes either page's form. Every form posts to the URL it was shown
 * at, so the client's request travels in the query and is validated anew each time.
 */
export function handleAuthorize(context: BrowserContext): Promise<Response> {
  return answerPage(context, {
    show: () => (context.request.method === "HEAD" ? peek(context) : showPage(context)),
    take: (form) => takeForm(context, form),
  });
}

/** Whether there is a page, for who asks for its headers: nothing is begun, and nothing allowed. */
async function peek(context: BrowserContext): Promise<Response> {
  await readAuthRequest(context);
  return new Response(null, {
    headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" },
  });
}

async function showPage(context: BrowserContext): Promise<Response> {
  const { request, settings, upstreamScopes } = context;
  const authRequest = await readAuthRequest(context);
  const identity = await findSignedIn(request, context);
  const cause = findCause(request);
  const isSilent = mayShowNothing(request);
  // With `upstreamScopes` each grant takes the person to the other server, which may show pages.
  if (isSilent && upstreamScopes !== undefined) return refuseSilently(authRequest);
  if (identity !== undefined) {
    const skipped = await skipConsent(context, { authRequest, identity, cause });
    if (skipped !== undefined) return skipped;
  }
  if (isSilent) return refuseSilently(authRequest);
  if (identity !== undefined) {
    return isAllowed(identity, settings)
      ? showConsent(context, authRequest, { identity })
      : showRefused(context, {
          identity,
          returnTo: request.url,
          backToClient: authorizationErrorRedirect(authRequest, "access_denied"),
        });
  }
  const method = selectIdentity(settings);
  switch (method.kind) {
    case "form":
      return showSignIn(context, await findClientName(context, authRequest), { cause });
    case "edge":
      return showProblem(context, problems.notBehindAccess, 403);
    case "redirect":
      return showConsent(context, authRequest, { identity, upstream: method });
  }
}

/** A person who is known, and what they may have allowed before. */
interface Known {
  readonly authRequest: AuthRequest;
  readonly identity: Identity;
  readonly cause: VisitCause;
  /** Cookies to set. */
  readonly headers?: Headers;
}

/** The client's answer without the consent page, for a person who asked not to see it again. */
async function skipConsent(
  context: BrowserContext,
  { authRequest, identity, cause, headers = new Headers() }: Known,
): Promise<Response | undefined> {
  if (!isAllowed(identity, context.settings)) return undefined;
  if (!(await isRemembered(context, authRequest, identity, cause))) return undefined;
  return complete(context, { authRequest, identity, headers });
}

/** Whether the client wants an answer without any page (OpenID Connect Core section 3.1.2.1). */
function mayShowNothing({ url }: Request): boolean {
  return new URL(url).searchParams.get("prompt") === "none";
}

/**
 * `access_denied` (RFC 6749 section 4.1.2.1) and not `interaction_required`, which only an OpenID
 * provider answers with; this is none, and its metadata never says that it knows `prompt`.
 */
function refuseSilently(authRequest: AuthRequest): Response {
  logEvent("authorize-refused", { code: "access_denied", redirected: true });
  const description = "This server has to show a page, which prompt=none forbids";
  return redirect(authorizationErrorRedirect(authRequest, "access_denied", description));
}

async function takeForm(context: BrowserContext, form: FormData): Promise<Response> {
  const method = selectIdentity(context.settings);
  switch (form.get("step")) {
    case "sign-in": {
      if (method.kind !== "form") break;
      const authRequest = await readAuthRequest(context);
      const cause = readCause(form);
      return takeSignIn(context, method, form, {
        findClientName: () => findClientName(context, authRequest),
        // Here and not on the page that follows: a redirect does not say who caused the visit.
        skipPage: (identity, headers) =>
          skipConsent(context, { authRequest, identity, cause, headers }),
      });
    }
    case "switch":
      return signOut(context);
    case "consent":
      return decide(context, form);
  }
  return showProblem(context, problems.unreadableForm, 400);
}

async function findClientName(
  { oauth }: BrowserContext,
  authRequest: AuthRequest,
): Promise<string> {
  const { clientName, clientId } = await oauth.describeConsent(authRequest);
  return toShownName(clientName, clientId);
}
