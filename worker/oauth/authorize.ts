import type { AuthRequest } from "@cloudflare/workers-oauth-provider";
import {
  AuthorizationError,
  authorizationErrorRedirect,
  CimdFetchError,
} from "@cloudflare/workers-oauth-provider";
import { isAllowed } from "../identity/allowed.ts";
import type { Identity, RedirectMethod } from "../identity/identity.ts";
import { UpstreamError } from "../identity/identity.ts";
import { selectIdentity } from "../identity/index.ts";
import { findSignedIn, forgetSignIn, rememberSignIn } from "../identity/signed-in.ts";
import { deriveUserId } from "../identity/subject.ts";
import { logEvent, logFailure } from "../log.ts";
import { describeScope, selectScopes } from "../mcp/policy.ts";
import { listOpenedTools } from "../mcp/scope-tools.ts";
import { ConsentPage } from "../pages/consent.tsx";
import { ErrorPage } from "../pages/error.tsx";
import { RefusedPage } from "../pages/refused.tsx";
import { renderPage } from "../pages/render.ts";
import { SignInPage } from "../pages/sign-in.tsx";
import { tools } from "../tools/index.ts";
import { complete } from "./complete.ts";
import {
  type BrowserContext,
  comesFromOwnPage,
  readAuthRequest,
  readForm,
  redirect,
} from "./context.ts";
import { throttleSignIn } from "./guard-sign-in.ts";
import * as problems from "./problems.ts";
import { isRemembered, toRemember } from "./remembered.ts";
import { startUpstream } from "./upstream.ts";

/**
 * `GET /authorize` shows the sign-in page, or the consent page. Where people sign in at another server,
 * consent comes first and the other server afterwards (MCP security best practices, "Confused
 * Deputy"). `POST /authorize` takes either page's form. Every form posts to the URL it was shown
 * at, so the client's request travels in the query and is validated anew each time.
 */
export async function handleAuthorize(context: BrowserContext): Promise<Response> {
  const { request, settings } = context;
  try {
    if (request.method === "GET" || request.method === "HEAD") return await showPage(context);
    if (request.method === "POST") return await takeForm(context);
    return new Response("Use GET or POST.", { status: 405, headers: { allow: "GET, POST" } });
  } catch (error) {
    return answerFailure(error, settings);
  }
}

/** The redirect or the page for a request that cannot go on. @throws what is nobody's mistake. */
export function answerFailure(error: unknown, settings: BrowserContext["settings"]): Response {
  if (error instanceof AuthorizationError) {
    logEvent("authorize-refused", { code: error.code, redirected: error.redirectTo !== undefined });
    // A redirect is safe only after the client and its redirect URI were validated.
    if (error.redirectTo !== undefined) return redirect(error.redirectTo);
    return renderPage(ErrorPage({ settings, problem: problems.explain(error) }), 400);
  }
  if (error instanceof CimdFetchError) {
    logEvent("authorize-refused", { code: "invalid_client", reason: error.reason });
    return renderPage(ErrorPage({ settings, problem: problems.unverifiableClient }), 400);
  }
  if (error instanceof UpstreamError) {
    logFailure("upstream-failure", error, { problem: error.problem });
    return renderPage(ErrorPage({ settings, problem: problems.upstreamUnavailable }), 503);
  }
  throw error;
}

async function showPage(context: BrowserContext): Promise<Response> {
  const { request, settings, oauth } = context;
  const authRequest = await readAuthRequest(context);
  const identity = await findSignedIn(request, context);
  if (identity === undefined) {
    const method = selectIdentity(settings);
    if (method.kind === "form") {
      const { clientName } = await oauth.describeConsent(authRequest);
      return renderPage(SignInPage({ settings, clientName }));
    }
    if (method.kind === "edge") {
      return renderPage(ErrorPage({ settings, problem: problems.notBehindAccess }), 403);
    }
    return showConsent(context, authRequest, undefined, method);
  }
  if (!isAllowed(identity, settings)) return refuse(context, authRequest, identity);
  if (await isRemembered(context, authRequest, identity)) {
    return complete(context, { authRequest, identity, headers: new Headers() });
  }
  return showConsent(context, authRequest, identity);
}

function refuse(
  { request, settings }: BrowserContext,
  authRequest: AuthRequest,
  identity: Identity,
): Response {
  logEvent("sign-in-refused", { method: identity.method });
  const backToClient = authorizationErrorRedirect(authRequest, "access_denied");
  const page = RefusedPage({ settings, identity, returnTo: request.url, backToClient });
  return renderPage(page, 403);
}

/** @param upstream who signs the person in after they have said yes, where nobody is signed in. */
async function showConsent(
  { env, settings, oauth }: BrowserContext,
  authRequest: AuthRequest,
  identity: Identity | undefined,
  upstream?: RedirectMethod,
): Promise<Response> {
  // First the description: a failed look-up leaves nothing in KV.
  const description = await oauth.describeConsent(authRequest);
  const { handle, headers } = await oauth.beginConsent(authRequest);
  const scopes = selectScopes(authRequest.scope).map((name) => ({
    name,
    words: describeScope(name),
    tools: listOpenedTools(name, tools).map(({ title }) => title),
  }));
  const person = identity && { identity, id: await deriveUserId(env.SUBJECT_KEY, identity) };
  const upstreamName = upstream?.describe(settings);
  const page = ConsentPage({ settings, description, scopes, handle, person, upstreamName });
  return renderPage(page, 200, headers);
}

async function takeForm(context: BrowserContext): Promise<Response> {
  const { request, settings } = context;
  if (!comesFromOwnPage(request, settings.origin)) {
    return renderPage(ErrorPage({ settings, problem: problems.foreignForm }), 403);
  }
  const form = await readForm(request);
  switch (form?.get("step")) {
    case "sign-in":
      return signIn(context, form as FormData);
    case "switch":
      return switchPerson(context);
    case "consent":
      return decide(context, form as FormData);
    default:
      return renderPage(ErrorPage({ settings, problem: problems.unreadableForm }), 400);
  }
}

/** A sign-in ends in a redirect to the same URL, so that going back or reloading posts nothing again. */
async function signIn(context: BrowserContext, form: FormData): Promise<Response> {
  const { request, env, settings, oauth } = context;
  const method = selectIdentity(settings);
  if (method.kind !== "form") {
    return renderPage(ErrorPage({ settings, problem: problems.unreadableForm }), 400);
  }
  const authRequest = await readAuthRequest(context);
  const result = await throttleSignIn(context, method, form);
  if (result instanceof Response) return result;
  if ("problems" in result) {
    const { clientName } = await oauth.describeConsent(authRequest);
    return renderPage(SignInPage({ settings, clientName, ...result }), 400);
  }
  const cookie = await rememberSignIn(result.identity, env.SESSION_KEYS);
  logEvent("sign-in", { method: result.identity.method });
  return redirect(request.url, new Headers({ "set-cookie": cookie }));
}

/** Forgets who is signed in; the next sign-in lets the person choose an account. */
function switchPerson({ request, settings }: BrowserContext): Response {
  const method = selectIdentity(settings);
  const url = new URL(request.url);
  // As OpenID Connect Core section 3.1.2.1 names it; see `upstream.ts`.
  if (method.kind === "redirect") url.searchParams.set("prompt", "select_account");
  const next = method.kind === "edge" ? method.signOutPath : url.href;
  return redirect(next, new Headers({ "set-cookie": forgetSignIn() }));
}

async function decide(context: BrowserContext, form: FormData): Promise<Response> {
  const { request, env, settings, oauth } = context;
  const handle = String(form.get("handle") ?? "");
  if (form.get("decision") === "deny") {
    const denied = await oauth.denyConsent(request, handle);
    logEvent("consent", { decision: "deny" });
    return redirect(denied.redirectTo, denied.headers);
  }
  if (form.get("decision") !== "approve") {
    return renderPage(ErrorPage({ settings, problem: problems.unreadableForm }), 400);
  }
  const method = selectIdentity(settings);
  const identity = await findSignedIn(request, context);
  const shownPerson = String(form.get("person") ?? "");
  if (identity === undefined && (method.kind !== "redirect" || shownPerson !== "")) {
    // The client's request is still in the URL: sign in again, then decide.
    return redirect(request.url);
  }
  const userId = identity && (await deriveUserId(env.SUBJECT_KEY, identity));
  // Another tab may have signed in somebody else since the page was shown.
  if (shownPerson !== (userId ?? "")) {
    return renderPage(ErrorPage({ settings, problem: problems.otherPerson }), 409);
  }
  const { scope: requested } = await readAuthRequest(context);
  const ticked = form.getAll("scope").map(String);
  const scope = requested.filter((name) => ticked.includes(name));
  if (scope.length === 0) {
    return renderPage(ErrorPage({ settings, problem: problems.noScopes }), 400);
  }
  const remember =
    userId !== undefined && form.has("remember") ? toRemember(env, userId) : undefined;
  const { request: authRequest, headers } = await oauth.approveConsent(request, handle, {
    scope,
    ...(remember !== undefined && { remember }),
  });
  if (identity !== undefined) return complete(context, { authRequest, identity, headers });
  const returnTo = request.url;
  return startUpstream(context, { authRequest, returnTo, isForClient: true, headers });
}
