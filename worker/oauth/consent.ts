import type { AuthRequest } from "@cloudflare/workers-oauth-provider";
import { AuthorizationError } from "@cloudflare/workers-oauth-provider";
import type { Identity, RedirectMethod } from "../identity/identity.ts";
import { selectIdentity } from "../identity/index.ts";
import { findSignedIn } from "../identity/signed-in.ts";
import { deriveUserId } from "../identity/subject.ts";
import { logEvent } from "../log.ts";
import { describeScope, listOpenedTools, selectScopes } from "../mcp/scopes.ts";
import { ConsentPage } from "../pages/consent.tsx";
import { renderPage } from "../pages/render.ts";
import { createAuthorizationServer } from "./authorization-server.ts";
import { findOrigin } from "./clients/client-facts.ts";
import { complete } from "./complete.ts";
import { type BrowserContext, readAuthRequest, redirect } from "./context.ts";
import { showProblem } from "./failure.ts";
import * as problems from "./problems.ts";
import { toRemember } from "./remembered.ts";
import { proveHandle, readProven } from "./transactions/proof.ts";
import { withoutTaking, withTransactions } from "./transactions/store.ts";
import { startUpstream } from "./upstream.ts";

/** Whom a consent page asks. */
interface Asked {
  /** Who is signed in. */
  readonly identity: Identity | undefined;
  /** Who signs the person in after they have said yes, where nobody is signed in. */
  readonly upstream?: RedirectMethod | undefined;
  /** The page's handle, where the person approved nothing and is asked once more. */
  readonly againWith?: string;
}

/** The consent page of a client's request. */
export async function showConsent(
  { env, settings, features, oauth }: BrowserContext,
  authRequest: AuthRequest,
  { identity, upstream, againWith }: Asked,
): Promise<Response> {
  // First the description: a failed look-up leaves nothing in KV.
  const description = await oauth.describeConsent(authRequest);
  const { handle, headers } =
    againWith === undefined
      ? await oauth.beginConsent(authRequest)
      : { handle: againWith, headers: new Headers() };
  const page = ConsentPage({
    settings,
    description,
    origin: findOrigin(description, settings),
    scopes: selectScopes(features.scopes, authRequest.scope).map((name) => ({
      name,
      words: describeScope(features.scopes, name),
      tools: listOpenedTools(features, name).map(({ title }) => title),
    })),
    // `parseAuthRequest` has made one of it, whatever the client sent.
    resource: String(authRequest.resource),
    handle: await proveHandle(env, handle),
    person: identity && { identity, id: await deriveUserId(env.SUBJECT_KEY, identity) },
    upstreamName: upstream?.describe(settings),
    isNothingTicked: againWith !== undefined,
  });
  return renderPage(page, againWith === undefined ? 200 : 400, headers);
}

/** Takes the answer of a consent page. */
export async function decide(context: BrowserContext, form: FormData): Promise<Response> {
  const { request, env, oauth } = context;
  const decision = form.get("decision");
  if (decision !== "deny" && decision !== "approve") {
    return showProblem(context, problems.unreadableForm, 400);
  }
  const handle = await readProven(env, String(form.get("handle") ?? ""));
  if (handle === undefined) {
    logEvent("authorize-refused", { code: "invalid_request", redirected: false });
    return showUsed(context);
  }
  switch (decision) {
    case "deny": {
      const denied = await orUsed(oauth.denyConsent(request, handle));
      if (denied === undefined) return showUsed(context);
      logEvent("consent", { decision: "deny" });
      return redirect(denied.redirectTo, denied.headers);
    }
    case "approve":
      return approve(context, form, handle);
  }
}

async function approve(context: BrowserContext, form: FormData, handle: string): Promise<Response> {
  const { request, env, settings, oauth } = context;
  const method = selectIdentity(settings);
  const upstream = method.kind === "redirect" ? method : undefined;
  const identity = await findSignedIn(request, context);
  const shownPerson = String(form.get("person") ?? "");
  if (identity === undefined && (upstream === undefined || shownPerson !== "")) {
    // The client's request is still in the URL: sign in again, then decide.
    return redirect(request.url);
  }
  const userId = identity && (await deriveUserId(env.SUBJECT_KEY, identity));
  // Another tab may have signed in somebody else since the page was shown.
  if (shownPerson !== (userId ?? "")) {
    return showProblem(context, problems.otherPerson, 409, { returnTo: request.url });
  }
  const { clientId } = await readAuthRequest(context);
  const asked = await orUsed(readShown(context, handle));
  if (asked === undefined || asked.clientId !== clientId) return showUsed(context);
  const ticked = form.getAll("scope").map(String);
  const scope = asked.scope.filter((name) => ticked.includes(name));
  if (scope.length === 0) {
    // The handle is not used up, so the same page can be answered again.
    return showConsent(context, asked, { identity, upstream, againWith: handle });
  }
  const remember =
    userId !== undefined && form.has("remember") ? toRemember(env, userId) : undefined;
  const approval = { scope, ...(remember !== undefined && { remember }) };
  const approved = await orUsed(oauth.approveConsent(request, handle, approval));
  if (approved === undefined) return showUsed(context);
  const { request: authRequest, headers } = approved;
  if (identity !== undefined) return complete(context, { authRequest, identity, headers });
  return startUpstream(context, {
    authRequest,
    returnTo: request.url,
    isForClient: true,
    headers,
  });
}

/**
 * The request whose page was shown. What the person saw is what they allow: the address that the form is
 * posted to may hold another one.
 */
async function readShown(
  { request, env, settings, features }: BrowserContext,
  handle: string,
): Promise<AuthRequest> {
  const peeking = createAuthorizationServer(settings, features).getOAuthApi(
    withoutTaking(withTransactions(env)),
  );
  return (await peeking.approveConsent(request, handle)).request;
}

/**
 * What became of an answer; undefined where the page cannot be answered. The library refuses so for
 * one of three reasons, which only its sentences tell apart, and after ten minutes it takes an old
 * page for another browser's: so one page names all three.
 */
async function orUsed<Answer>(answer: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof AuthorizationError)) throw error;
    logEvent("authorize-refused", { code: error.code, redirected: false });
    return undefined;
  }
}

/** The client's request is still in the URL, so the page can ask anew. */
function showUsed(context: BrowserContext): Response {
  return showProblem(context, problems.usedPage, 400, { returnTo: context.request.url });
}
