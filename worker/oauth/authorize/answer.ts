import { type AuthRequest, authorizationErrorRedirect } from "@cloudflare/workers-oauth-provider";
import { logEvent } from "../../log.ts";
import { RefusedPage } from "../../pages/refused.tsx";
import { renderPage } from "../../pages/render.ts";
import { toShownName } from "../../pages/shown-text.ts";
import { SignInPage } from "../../pages/sign-in.tsx";
import { type BrowserContext, redirect } from "../context.ts";
import { showProblem } from "../show-problem.ts";
import { askConsent } from "./ask-consent.ts";
import { explainFailure } from "./failure.ts";
import { goUpstream, reportUpstream } from "./go-upstream.ts";
import { grant } from "./grant.ts";
import type { AskSignIn, Refuse, Step, TurnAway } from "./steps.ts";

/**
 * The end of every request's way: takes the next step, and answers the browser. If finding or taking the
 * step fails, the person is told.
 * @throws any error that is neither the client's mistake nor a failure of the server that signs people in.
 */
export async function answer(context: BrowserContext, step: Promise<Step>): Promise<Response> {
  try {
    return await take(context, await step);
  } catch (error) {
    return take(context, await explainFailure(error, context));
  }
}

async function take(context: BrowserContext, step: Step): Promise<Response> {
  switch (step.next) {
    case "ask sign-in":
      return askSignIn(context, step);
    case "ask consent":
      return askConsent(context, step);
    case "go upstream":
      return goUpstream(context, step);
    case "grant":
      return grant(context, step);
    case "refuse":
      return refuse(context, step);
    case "turn away":
      return turnAway(context, step);
    case "show problem":
      return showProblem(context, step);
    case "report upstream":
      return reportUpstream(context, step);
    case "show page":
      return renderPage(step.page, 200, step.headers);
    case "redirect":
      return redirect(step.to, step.headers);
    case "send headers":
      return new Response(null, {
        headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" },
      });
  }
}

async function askSignIn(
  { env, settings, oauth }: BrowserContext,
  { authRequest, cause, email, problems }: AskSignIn,
): Promise<Response> {
  const client = authRequest && (await oauth.describeConsent(authRequest));
  const page = SignInPage({
    settings,
    clientName: client && toShownName(client.clientName, client.clientId),
    cause,
    hasOnePassword: env.DEMO_PASSWORD !== undefined,
    ...(email !== undefined && { email }),
    ...(problems !== undefined && { problems }),
  });
  return renderPage(page, problems === undefined ? 200 : 400);
}

/** What a client is told with `access_denied`. */
const descriptions = {
  "no page": "This server has to show a page, which prompt=none forbids",
  "no access": "This person may not sign in",
  "no scope": "This person may not use what was asked for",
  declined: "Sign-in declined",
} as const satisfies Record<Refuse["because"], string>;

/**
 * `access_denied` (RFC 6749 section 4.1.2.1). If a page was needed and forbidden, not `interaction_required`:
 * only an OpenID provider answers so; this server is none, and its metadata never says that it knows `prompt`.
 */
function refuse({ settings }: BrowserContext, { authRequest, because, headers }: Refuse): Response {
  if (because === "no page") {
    logEvent("authorize-refused", { code: "access_denied", redirected: true });
  }
  if (because === "no access") logEvent("sign-in-refused", { method: settings.identity.method });
  if (because === "no scope") logEvent("scopes-refused", { method: settings.identity.method });
  return redirect(toRefusal(authRequest, because), headers);
}

function toRefusal(authRequest: AuthRequest, because: Refuse["because"]): string {
  return authorizationErrorRedirect(authRequest, "access_denied", descriptions[because]);
}

function turnAway(
  { settings }: BrowserContext,
  { identity, lacks = "access", returnTo, authRequest, headers }: TurnAway,
): Response {
  logEvent(lacks === "access" ? "sign-in-refused" : "scopes-refused", { method: identity.method });
  const because = lacks === "access" ? "no access" : "no scope";
  const backToClient = authRequest && toRefusal(authRequest, because);
  const page = RefusedPage({ settings, identity, lacks, returnTo, backToClient });
  return renderPage(page, 403, headers);
}
