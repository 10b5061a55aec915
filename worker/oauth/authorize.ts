import type { AuthRequest, OAuthHelpers } from "@cloudflare/workers-oauth-provider";
import { AuthorizationError, CimdFetchError } from "@cloudflare/workers-oauth-provider";
import type { WorkerEnv, WorkerSettings } from "../env.ts";
import type { Identity } from "../identity/identity.ts";
import { selectIdentity } from "../identity/index.ts";
import { forgetSignIn, readSignIn, rememberSignIn } from "../identity/signed-in.ts";
import { deriveUserId } from "../identity/subject.ts";
import { logEvent } from "../log.ts";
import type { PersonProps } from "../mcp/caller.ts";
import { describeScope, selectScopes } from "../mcp/policy.ts";
import { listOpenedTools } from "../mcp/scope-tools.ts";
import { ConsentPage } from "../pages/consent.tsx";
import { ErrorPage } from "../pages/error.tsx";
import { renderPage } from "../pages/render.ts";
import { SignInPage } from "../pages/sign-in.tsx";
import { tools } from "../tools/index.ts";
import { isOverLimit } from "./limits.ts";

/** What one request to `/authorize` works with. */
export interface AuthorizeContext {
  readonly request: Request;
  readonly env: WorkerEnv;
  readonly settings: WorkerSettings;
  readonly oauth: OAuthHelpers;
}

/**
 * `GET /authorize` shows the sign-in page, or the consent page to who is signed in.
 * `POST /authorize` takes either page's form. Every form posts to the URL it was shown at, so the
 * client's request travels in the query and is validated anew each time.
 */
export async function handleAuthorize(context: AuthorizeContext): Promise<Response> {
  const { request, settings } = context;
  try {
    if (request.method === "GET" || request.method === "HEAD") return await showPage(context);
    if (request.method === "POST") return await takeForm(context);
    return new Response("Use GET or POST.", { status: 405, headers: { allow: "GET, POST" } });
  } catch (error) {
    if (error instanceof AuthorizationError) {
      logEvent("authorize-refused", {
        code: error.code,
        redirected: error.redirectTo !== undefined,
      });
      // A redirect is safe only after the client and its redirect URI were validated.
      if (error.redirectTo !== undefined) return redirect(error.redirectTo);
      return renderPage(ErrorPage({ settings, problem: explain(error) }), 400);
    }
    if (error instanceof CimdFetchError) {
      logEvent("authorize-refused", { code: "invalid_client", reason: error.reason });
      return renderPage(ErrorPage({ settings, problem: unverifiableClient }), 400);
    }
    throw error;
  }
}

async function showPage(context: AuthorizeContext): Promise<Response> {
  const { request, env, settings, oauth } = context;
  const authRequest = await readAuthRequest(context);
  const { clientName } = await oauth.describeConsent(authRequest);
  const identity = await readSignIn(request, selectIdentity(settings).name, env.SESSION_KEYS);
  if (identity === undefined) return renderPage(SignInPage({ settings, clientName }));
  return showConsent(context, authRequest, identity);
}

async function showConsent(
  { env, settings, oauth }: AuthorizeContext,
  authRequest: AuthRequest,
  identity: Identity,
): Promise<Response> {
  // First the description: a failed look-up leaves nothing in KV.
  const description = await oauth.describeConsent(authRequest);
  const { handle, headers } = await oauth.beginConsent(authRequest);
  const scopes = selectScopes(authRequest.scope).map((name) => ({
    name,
    words: describeScope(name),
    tools: listOpenedTools(name, tools).map(({ title }) => title),
  }));
  const personId = await deriveUserId(env.SUBJECT_KEY, identity);
  const page = ConsentPage({ settings, description, scopes, handle, identity, personId });
  return renderPage(page, 200, headers);
}

async function takeForm(context: AuthorizeContext): Promise<Response> {
  const { request, env, settings } = context;
  if (!comesFromOwnPage(request, settings.origin)) {
    return renderPage(ErrorPage({ settings, problem: foreignForm }), 403);
  }
  const form = await readForm(request);
  if (form === undefined) return renderPage(ErrorPage({ settings, problem: unreadableForm }), 400);
  switch (form.get("step")) {
    case "sign-in":
      if (await isOverLimit(env.SIGN_IN_LIMIT, request)) {
        const headers = new Headers({ "retry-after": "60" });
        return renderPage(ErrorPage({ settings, problem: tooManySignIns }), 429, headers);
      }
      return signIn(context, form);
    case "switch":
      return redirect(request.url, new Headers({ "set-cookie": forgetSignIn() }));
    case "consent":
      return decide(context, form);
    default:
      return renderPage(ErrorPage({ settings, problem: unreadableForm }), 400);
  }
}

/** A sign-in ends in a redirect to the same URL, so that going back or reloading posts nothing again. */
async function signIn(context: AuthorizeContext, form: FormData): Promise<Response> {
  const { request, env, settings, oauth } = context;
  const authRequest = await readAuthRequest(context);
  const result = selectIdentity(settings).signIn(form);
  if ("problems" in result) {
    const { clientName } = await oauth.describeConsent(authRequest);
    return renderPage(SignInPage({ settings, clientName, ...result }), 400);
  }
  const cookie = await rememberSignIn(result.identity, env.SESSION_KEYS);
  logEvent("sign-in", { method: result.identity.method });
  return redirect(request.url, new Headers({ "set-cookie": cookie }));
}

async function decide(context: AuthorizeContext, form: FormData): Promise<Response> {
  const { request, env, settings, oauth } = context;
  const handle = String(form.get("handle") ?? "");
  if (form.get("decision") === "deny") {
    const denied = await oauth.denyConsent(request, handle);
    logEvent("consent", { decision: "deny" });
    return redirect(denied.redirectTo, denied.headers);
  }
  if (form.get("decision") !== "approve") {
    return renderPage(ErrorPage({ settings, problem: unreadableForm }), 400);
  }
  const identity = await readSignIn(request, selectIdentity(settings).name, env.SESSION_KEYS);
  if (identity === undefined) {
    // The client's request is still in the URL: sign in again, then decide.
    return redirect(request.url);
  }
  const userId = await deriveUserId(env.SUBJECT_KEY, identity);
  // Another tab may have signed in somebody else since the page was shown.
  if (form.get("person") !== userId) {
    return renderPage(ErrorPage({ settings, problem: otherPerson }), 409);
  }
  const approved = await oauth.approveConsent(request, handle);
  const props: PersonProps = {
    userId,
    method: identity.method,
    ...(identity.email !== undefined && { email: identity.email }),
  };
  const { redirectTo } = await oauth.completeAuthorization({
    request: approved.request,
    userId,
    metadata: {},
    scope: approved.request.scope,
    props,
  });
  logEvent("consent", { decision: "approve" });
  return redirect(redirectTo, approved.headers);
}

/** The client's validated request, with the scopes that this server has. */
async function readAuthRequest({ request, oauth }: AuthorizeContext): Promise<AuthRequest> {
  const authRequest = await oauth.parseAuthRequest(new Request(request.url));
  return { ...authRequest, scope: selectScopes(authRequest.scope) };
}

/**
 * Whether a form was sent by one of our own pages. Every browser says so in `Sec-Fetch-Site` or
 * `Origin`; a form that says neither is refused. Without this, a foreign page could sign a person
 * in as somebody else (login CSRF), whose data their client would then fill.
 */
function comesFromOwnPage(request: Request, origin: string): boolean {
  const site = request.headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin";
  return request.headers.get("origin") === origin;
}

async function readForm(request: Request): Promise<FormData | undefined> {
  try {
    return await request.formData();
  } catch {
    return undefined;
  }
}

/** 303, so that the browser follows with GET and drops the form (RFC 9700 section 4.12). */
function redirect(location: string, headers = new Headers()): Response {
  headers.set("location", location);
  headers.set("cache-control", "no-store");
  headers.set("referrer-policy", "no-referrer");
  return new Response(null, { status: 303, headers });
}

function explain(error: AuthorizationError): { title: string; text: string } {
  if (error.description === "Invalid client_id") return unknownClient;
  return {
    title: "This request cannot go on",
    text: `${error.description.replace(/\.$/, "")}. Go back to the app and connect again.`,
  };
}

const unknownClient = {
  title: "This app is not registered here",
  text: "The server no longer knows the app that sent you: its registration ended or the server was set up anew. Remove the connection in the app and add it again. For mcp-remote, delete the folder ~/.mcp-auth and start it again.",
};

const unverifiableClient = {
  title: "This app could not be verified",
  text: "The document that describes the app could not be read from the address the app gave. Try again later, or ask the app's maker.",
};

const foreignForm = {
  title: "This form came from somewhere else",
  text: "Only this server's own pages may send it. Go back to the app and connect again.",
};

const unreadableForm = {
  title: "This form is incomplete",
  text: "Go back to the app and connect again.",
};

const tooManySignIns = {
  title: "Too many sign-ins",
  text: "There were too many sign-ins from your network. Wait a minute, then try again.",
};

const otherPerson = {
  title: "Somebody else is signed in now",
  text: "You signed in as somebody else in another tab. Go back to the app and connect again, so that you see for whom you allow it.",
};
