import type { AuthRequest } from "@cloudflare/workers-oauth-provider";
import { AuthorizationError } from "@cloudflare/workers-oauth-provider";
import { selectIdentity } from "../../identity/index.ts";
import { logEvent } from "../../log.ts";
import { createAuthorizationServer } from "../authorization-server.ts";
import { type BrowserContext, readAuthRequest } from "../context.ts";
import * as problems from "../problems.ts";
import { readOnce } from "../read-once.ts";
import { readProven } from "../transactions/proof.ts";
import { withoutTaking, withTransactions } from "../transactions/store.ts";
import { decideYes, findOtherPerson } from "./decide.ts";
import { gather, readPerson } from "./known.ts";
import { toRemember } from "./remembered.ts";
import type { Step } from "./steps.ts";

/** Takes the answer of a consent page. An answer that counts uses the page up. */
export async function takeConsent(context: BrowserContext, form: FormData): Promise<Step> {
  const decision = form.get("decision");
  if (decision !== "deny" && decision !== "approve") {
    return { next: "show problem", problem: problems.unreadableForm, status: 400 };
  }
  const handle = await readProven(context.env, String(form.get("handle") ?? ""));
  if (handle === undefined) {
    logEvent("authorize-refused", { code: "invalid_request", redirected: false });
    return toUsed(context);
  }
  return decision === "deny" ? deny(context, handle) : approve(context, form, handle);
}

async function deny(context: BrowserContext, handle: string): Promise<Step> {
  const denied = await orUsed(context.oauth.denyConsent(context.request, handle));
  if (denied === undefined) return toUsed(context);
  logEvent("consent", { decision: "deny" });
  return { next: "go on", to: denied.redirectTo, headers: denied.headers };
}

async function approve(context: BrowserContext, form: FormData, handle: string): Promise<Step> {
  const { request, env, settings, oauth } = context;
  const method = selectIdentity(settings).kind;
  const person = await readPerson(context);
  const shownPerson = String(form.get("person") ?? "");
  const other = findOtherPerson({ person, method, returnTo: request.url, shownPerson });
  if (other !== undefined) return other;
  // In parallel: one asks for the client, the other for the page.
  const [{ clientId }, asked] = await Promise.all([
    readAuthRequest(context),
    orUsed(readShown(context, handle)),
  ]);
  if (asked === undefined || asked.clientId !== clientId) return toUsed(context);
  const ticked = form.getAll("scope").map(String);
  const scope = asked.scope.filter((name) => ticked.includes(name));
  if (scope.length === 0) {
    // The handle is not used up, so the same page can be answered again.
    return { next: "ask consent", authRequest: asked, person, againWith: handle };
  }
  const remember =
    person !== undefined && form.has("remember") ? toRemember(env, person.id) : undefined;
  const approval = { scope, ...(remember !== undefined && { remember }) };
  const approved = await orUsed(oauth.approveConsent(request, handle, approval));
  if (approved === undefined) return toUsed(context);
  const { request: authRequest, headers } = approved;
  return decideYes({ ...gather(context, authRequest, person), headers });
}

/**
 * The request whose page was shown. The person allows what they saw: the address to which the form is posted
 * may hold another request.
 */
async function readShown(
  { request, env, settings, features }: BrowserContext,
  handle: string,
): Promise<AuthRequest> {
  const peeking = createAuthorizationServer(settings, features).getOAuthApi(
    withoutTaking(readOnce(withTransactions(env), request)),
  );
  return (await peeking.approveConsent(request, handle)).request;
}

/**
 * The outcome of an answer; undefined if the page cannot be answered. The library refuses so for
 * one of three reasons, which only its messages tell apart, and after ten minutes it takes an old page
 * for another browser's. So one error page names all three.
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

/** The client's request is still in the URL, so the page can ask again. */
function toUsed({ request }: BrowserContext): Step {
  const { usedPage: problem } = problems;
  return { next: "show problem", problem, status: 400, returnTo: request.url };
}
