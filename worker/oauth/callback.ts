import {
  AuthorizationError,
  type AuthRequest,
  authorizationErrorRedirect,
} from "@cloudflare/workers-oauth-provider";
import type * as z from "zod";
import { isAllowed } from "../identity/allowed.ts";
import { UpstreamError, type UpstreamResult } from "../identity/identity.ts";
import { findAuthority, selectIdentity } from "../identity/index.ts";
import { rememberSignIn } from "../identity/signed-in.ts";
import { deriveUserId } from "../identity/subject.ts";
import { logEvent } from "../log.ts";
import { ErrorPage } from "../pages/error.tsx";
import { answerNotFound } from "../pages/not-found.ts";
import { renderPage } from "../pages/render.ts";
import { complete } from "./complete.ts";
import { type BrowserContext, redirect } from "./context.ts";
import { answerFailure } from "./failure.ts";
import { byAccount, byAddress, isOverLimit, limitPeriod } from "./limits/limits.ts";
import { showTooMany } from "./limits/too-many.ts";
import { otherPerson } from "./problems.ts";
import { showRefused } from "./refused.ts";
import { readProven } from "./transactions/proof.ts";
import { answerUpstreamFailure, upstreamData } from "./upstream.ts";

/** A person who came back, and what they had set out for. */
interface Return {
  readonly authRequest: AuthRequest;
  readonly visit: z.infer<typeof upstreamData>;
  /** Cookies to set, whatever the answer is. */
  readonly headers: Headers;
}

/**
 * `GET /authorize/callback`: the person comes back from the server that signs people in. The state
 * belongs to one browser and works once, be the rest right or wrong.
 */
export async function handleCallback(context: BrowserContext): Promise<Response> {
  const { request, settings, oauth } = context;
  const method = selectIdentity(settings);
  if (method.kind !== "redirect") return answerNotFound(request, settings);
  // HEAD too: a link preview must not use up the state.
  if (request.method !== "GET") {
    return new Response("Use GET.", { status: 405, headers: { allow: "GET" } });
  }
  // Before the state is used up: the same address works once there is room again.
  if (await isOverLimit(context.env, "SIGN_IN_LIMIT", byAddress(request))) {
    return showTooMany(context, "sign-ins", limitPeriod);
  }
  try {
    const {
      request: authRequest,
      data,
      headers,
    } = await oauth.finishUpstream(await toVisit(context));
    const back = { authRequest, visit: upstreamData.parse(data), headers };
    try {
      const result = await method.finish(context, new URL(request.url), back.visit.method);
      return await welcome(context, back, result);
    } catch (error) {
      return answerProblem(context, back, error);
    }
  } catch (error) {
    return answerFailure(error, context);
  }
}

/** The request as the OAuth library knows it. @throws AuthorizationError for a state that was invented. */
async function toVisit({ request, env }: BrowserContext): Promise<Request> {
  const url = new URL(request.url);
  const state = await readProven(env, url.searchParams.get("state") ?? "");
  if (state === undefined) {
    throw new AuthorizationError("invalid_request", {
      description: "This state is not known here",
    });
  }
  url.searchParams.set("state", state);
  return new Request(url, request);
}

async function welcome(
  context: BrowserContext,
  back: Return,
  { identity, tokens }: UpstreamResult,
): Promise<Response> {
  const { env, settings, upstreamScopes } = context;
  const { authRequest, visit, headers } = back;
  if (!isAllowed(identity, settings)) {
    const { returnTo, isForClient } = visit;
    const backToClient = isForClient
      ? authorizationErrorRedirect(authRequest, "access_denied", "This person may not sign in")
      : undefined;
    return showRefused(context, { identity, returnTo, backToClient, headers });
  }
  if (
    visit.userId !== undefined &&
    visit.userId !== (await deriveUserId(env.SUBJECT_KEY, identity))
  ) {
    const { returnTo } = visit;
    return renderPage(ErrorPage({ settings, problem: otherPerson, returnTo }), 409, headers);
  }
  if (upstreamScopes !== undefined && tokens === undefined) {
    throw new UpstreamError("invalid", "there is no token, and a tool needs one");
  }
  // One account can be signed in from many addresses.
  const person = byAccount(JSON.stringify([identity.issuer, identity.subject]));
  if (await isOverLimit(env, "SIGN_IN_LIMIT", person)) {
    return showTooMany({ request: new Request(visit.returnTo), settings }, "sign-ins", limitPeriod);
  }
  logEvent("sign-in", { method: identity.method });
  const authority = findAuthority(settings);
  headers.append("set-cookie", await rememberSignIn(identity, authority, env.SESSION_KEYS));
  if (!visit.isForClient) return redirect(visit.returnTo, headers);
  return complete(context, { authRequest, identity, upstream: tokens, headers });
}

/** A person who said no there has said it to the client; anything else they can try again. */
function answerProblem(
  { settings }: BrowserContext,
  { authRequest, visit, headers }: Return,
  error: unknown,
): Response {
  if (error instanceof UpstreamError && error.problem === "declined") {
    logEvent("sign-in-declined", { method: settings.identity.method });
    const declined = visit.isForClient
      ? authorizationErrorRedirect(authRequest, "access_denied", "Sign-in declined")
      : `${settings.origin}/`;
    return redirect(declined, headers);
  }
  return answerUpstreamFailure(error, { settings, returnTo: visit.returnTo, headers });
}
