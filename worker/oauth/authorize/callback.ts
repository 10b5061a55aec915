import { AuthorizationError } from "@cloudflare/workers-oauth-provider";
import {
  type RedirectMethod,
  UpstreamError,
  type UpstreamResult,
} from "../../identity/identity.ts";
import { findAuthority, selectIdentity } from "../../identity/index.ts";
import { rememberSignIn } from "../../identity/signed-in.ts";
import { logEvent } from "../../log.ts";
import { answerNotFound } from "../../pages/not-found.ts";
import type { BrowserContext } from "../context.ts";
import { byAccount, byAddress, isOverLimit, limitPeriod } from "../limits/limits.ts";
import { explainTooMany } from "../limits/too-many.ts";
import { readProven } from "../transactions/proof.ts";
import { answer } from "./answer.ts";
import { decideFailedReturn, decideReturn, findObstacle, type SetOut } from "./decide.ts";
import { gather, toPerson } from "./known.ts";
import type { Step } from "./steps.ts";
import { upstreamVisit } from "./upstream-visit.ts";

/**
 * `GET /authorize/callback`: the person comes back from the server that signs people in. The state
 * belongs to one browser and works once, whether the rest is right or wrong.
 */
export async function handleCallback(context: BrowserContext): Promise<Response> {
  const { request, settings } = context;
  const method = selectIdentity(settings);
  if (method.kind !== "redirect") return answerNotFound(request, settings);
  // HEAD too: a link preview must not use up the state.
  if (request.method !== "GET") {
    return new Response("Use GET.", { status: 405, headers: { allow: "GET" } });
  }
  return answer(context, comeBack(context, method));
}

async function comeBack(context: BrowserContext, method: RedirectMethod): Promise<Step> {
  const { request, env, oauth } = context;
  // Before the state is used up: the same address works once there is room again.
  if (await isOverLimit(env, "SIGN_IN_LIMIT", byAddress(request))) {
    return { next: "show problem", ...explainTooMany("sign-ins", limitPeriod, request.url) };
  }
  const {
    request: authRequest,
    data,
    headers,
  } = await oauth.finishUpstream(await toVisit(context));
  const { returnTo, isForClient, userId, method: kept } = upstreamVisit.parse(data);
  const setOut: SetOut = { authRequest, returnTo, isForClient, expectedPerson: userId, headers };
  try {
    const result = await method.finish(context, new URL(request.url), kept);
    return await welcome(context, setOut, result);
  } catch (error) {
    return giveUp(context, setOut, error);
  }
}

/** The request as the OAuth library knows it. @throws AuthorizationError for an invented state. */
async function toVisit({ request, env }: BrowserContext): Promise<Request> {
  const url = new URL(request.url);
  const state = await readProven(env, "transaction", url.searchParams.get("state") ?? "");
  if (state === undefined) {
    throw new AuthorizationError("invalid_request", {
      description: "This state is not known here",
    });
  }
  url.searchParams.set("state", state);
  return new Request(url, request);
}

/** Signs in the person who came back, if nothing prevents it. */
async function welcome(
  context: BrowserContext,
  setOut: SetOut,
  { identity, tokens }: UpstreamResult,
): Promise<Step> {
  const { env, settings } = context;
  const person = await toPerson(context, identity);
  const known = gather(context, setOut.authRequest, person);
  const { authRequest } = known;
  const back = { ...known, ...setOut, authRequest, person, tokens };
  const obstacle = findObstacle(back);
  if (obstacle !== undefined) return obstacle;
  // One account can be signed in from many addresses.
  const account = byAccount(JSON.stringify([identity.issuer, identity.subject]));
  if (await isOverLimit(env, "SIGN_IN_LIMIT", account)) {
    return { next: "show problem", ...explainTooMany("sign-ins", limitPeriod, back.returnTo) };
  }
  logEvent("sign-in", { method: identity.method });
  const cookie = await rememberSignIn(identity, findAuthority(settings), env.SESSION_KEYS);
  setOut.headers.append("set-cookie", cookie);
  return decideReturn(back);
}

/** The next step if the other server vouches for nobody. @throws any other error. */
function giveUp({ settings }: BrowserContext, setOut: SetOut, error: unknown): Step {
  if (!(error instanceof UpstreamError)) throw error;
  if (error.problem === "declined") {
    logEvent("sign-in-declined", { method: settings.identity.method });
  }
  return decideFailedReturn(setOut, error, `${settings.origin}/`);
}
