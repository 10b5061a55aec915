import type { FormMethod, Identity } from "../identity/identity.ts";
import { findAuthority, selectIdentity } from "../identity/index.ts";
import { forgetSignIn, rememberSignIn } from "../identity/signed-in.ts";
import { logEvent } from "../log.ts";
import { renderPage } from "../pages/render.ts";
import { SignInPage } from "../pages/sign-in.tsx";
import { SwitchAccountPage } from "../pages/switch-account.tsx";
import { type BrowserContext, redirect } from "./context.ts";
import { throttleSignIn } from "./limits/guard-sign-in.ts";
import { readCause, type VisitCause } from "./visit.ts";

/** What the sign-in form is shown with. */
interface SignInForm {
  /** Who caused the visit; the form carries it on. */
  readonly cause: VisitCause;
  /** What was typed before. */
  readonly email?: string;
  readonly problems?: { readonly email?: string };
}

/** What a page does around its sign-in form. */
interface SignInSteps {
  /** Name of the client that asks; undefined for a page of ours. Called only where the form comes back. */
  findClientName(): Promise<string | undefined>;
  /** What the person gets at once instead of the page, where there is something. @param headers cookies. */
  skipPage?(identity: Identity, headers: Headers): Promise<Response | undefined>;
}

/** The sign-in form. @param clientName of the client that asks; undefined for a page of ours. */
export function showSignIn(
  { env, settings }: BrowserContext,
  clientName: string | undefined,
  form: SignInForm,
): Response {
  const { problems } = form;
  const hasOnePassword = env.DEMO_PASSWORD !== undefined;
  const page = SignInPage({ settings, clientName, hasOnePassword, ...form });
  return renderPage(page, problems === undefined ? 200 : 400);
}

/**
 * Takes the sign-in form of a page. It ends in a redirect to that page, so that going back or reloading
 * posts nothing again.
 */
export async function takeSignIn(
  context: BrowserContext,
  method: FormMethod,
  form: FormData,
  { findClientName, skipPage }: SignInSteps,
): Promise<Response> {
  const { request, env, settings } = context;
  const result = await throttleSignIn(context, method, form);
  if (result instanceof Response) return result;
  if ("problems" in result) {
    return showSignIn(context, await findClientName(), { ...result, cause: readCause(form) });
  }
  const authority = findAuthority(settings);
  const cookie = await rememberSignIn(result.identity, authority, env.SESSION_KEYS);
  logEvent("sign-in", { method: result.identity.method });
  const headers = new Headers({ "set-cookie": cookie });
  return (await skipPage?.(result.identity, headers)) ?? redirect(request.url, headers);
}

/** Forgets who is signed in; the next sign-in lets the person choose an account. */
export function signOut({ request, settings }: BrowserContext): Response {
  const method = selectIdentity(settings);
  const cookies = new Headers({ "set-cookie": forgetSignIn() });
  if (method.kind === "edge") {
    const { signOutPath } = method;
    const page = SwitchAccountPage({ settings, signOutPath, returnTo: request.url });
    return renderPage(page, 200, cookies);
  }
  const url = new URL(request.url);
  // As OpenID Connect Core section 3.1.2.1 names it; see `upstream.ts`.
  if (method.kind === "redirect") url.searchParams.set("prompt", "select_account");
  return redirect(url.href, cookies);
}
