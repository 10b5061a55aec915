import type { AuthRequest } from "@cloudflare/workers-oauth-provider";
import type { FormMethod } from "../../identity/identity.ts";
import { findAuthority, selectIdentity } from "../../identity/index.ts";
import { forgetSignIn, rememberSignIn } from "../../identity/signed-in.ts";
import { logEvent } from "../../log.ts";
import { SwitchAccountPage } from "../../pages/switch-account.tsx";
import type { BrowserContext } from "../context.ts";
import { throttleSignIn } from "../limits/guard-sign-in.ts";
import { type Person, toPerson } from "./known.ts";
import type { AskSignIn, Redirect, ShowPage, ShowProblem } from "./steps.ts";
import { readCause } from "./visit-cause.ts";

/** The context of a sign-in form that somebody sent. */
interface SentForm {
  readonly method: FormMethod;
  readonly form: FormData;
  /** The request of the client that the page named; undefined for a page of ours. */
  readonly authRequest: AuthRequest | undefined;
}

/** A person who just signed in. */
interface SignedIn {
  readonly person: Person;
  /** The cookie that remembers them. */
  readonly headers: Headers;
}

/** Takes the sign-in form of a page. @returns who signed in, or else the next step. */
export async function takeSignIn(
  context: BrowserContext,
  { method, form, authRequest }: SentForm,
): Promise<SignedIn | AskSignIn | ShowProblem> {
  const { env, settings } = context;
  const result = await throttleSignIn(context, method, form);
  if ("status" in result) return { next: "show problem", ...result };
  if ("problems" in result) {
    return { next: "ask sign-in", authRequest, cause: readCause(form), ...result };
  }
  const { identity } = result;
  const cookie = await rememberSignIn(identity, findAuthority(settings), env.SESSION_KEYS);
  logEvent("sign-in", { method: identity.method });
  return {
    person: await toPerson(context, identity),
    headers: new Headers({ "set-cookie": cookie }),
  };
}

/**
 * Takes the form with which a person chooses another account: forgets who is signed in, and has the next
 * sign-in ask for the account.
 */
export function takeSwitch({ request, settings }: BrowserContext): Redirect | ShowPage {
  const method = selectIdentity(settings);
  const headers = new Headers({ "set-cookie": forgetSignIn() });
  if (method.kind === "edge") {
    const { signOutPath } = method;
    const page = SwitchAccountPage({ settings, signOutPath, returnTo: request.url });
    return { next: "show page", page, headers };
  }
  const url = new URL(request.url);
  // As OpenID Connect Core section 3.1.2.1 names it; see `go-upstream.ts`.
  if (method.kind === "redirect") url.searchParams.set("prompt", "select_account");
  return { next: "redirect", to: url.href, headers };
}
