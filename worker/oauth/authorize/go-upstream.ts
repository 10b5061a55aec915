import type { AuthRequest } from "@cloudflare/workers-oauth-provider";
import type { WorkerSettings } from "../../env.ts";
import { UpstreamError } from "../../identity/identity.ts";
import { selectIdentity } from "../../identity/index.ts";
import { logFailure } from "../../log.ts";
import { type BrowserContext, redirect } from "../context.ts";
import { upstreamInvalid, upstreamUnavailable } from "../problems.ts";
import { showProblem } from "../show-problem.ts";
import { prove } from "../transactions/proof.ts";
import type { GoUpstream, ReportUpstream } from "./steps.ts";
import type { UpstreamVisit } from "./upstream-visit.ts";

/**
 * Sends the browser to the server that signs people in. If that server is down, the person gets a page from
 * which they can try again.
 */
export async function goUpstream(
  context: BrowserContext,
  { authRequest, returnTo, userId, headers = new Headers() }: GoUpstream,
): Promise<Response> {
  const { env, settings, oauth } = context;
  const method = selectIdentity(settings);
  if (method.kind !== "redirect") throw new Error(`${method.name} sends nobody elsewhere`);
  const page = toOwnUrl(settings, returnTo);
  const prompt = page.searchParams.get("prompt") ?? "";
  const selectAccount = /\b(select_account|login)\b/.test(prompt);
  try {
    const { data, toUrl } = await method.begin(context, selectAccount);
    const kept: UpstreamVisit = {
      returnTo: page.href,
      isForClient: authRequest !== undefined,
      ...(userId !== undefined && { userId }),
      method: data,
    };
    const asked = authRequest ?? standForNone(page.href);
    const upstream = await oauth.beginUpstream(asked, { data: kept, headers });
    return redirect(toUrl(await prove(env, "transaction", upstream.state)).href, upstream.headers);
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    return reportUpstream(context, {
      next: "report upstream",
      error,
      returnTo: page.href,
      headers,
    });
  }
}

/** The page for a sign-in elsewhere that did not work. */
export function reportUpstream(
  { settings }: Pick<BrowserContext, "settings">,
  { error, returnTo, headers = new Headers() }: ReportUpstream,
): Response {
  const { problem: kind, retryAfter } = error;
  logFailure("upstream-failure", error, { method: settings.identity.method, problem: kind });
  const isDown = kind === "unavailable";
  if (isDown && retryAfter !== undefined) headers.set("retry-after", String(retryAfter));
  const problem = isDown ? upstreamUnavailable : upstreamInvalid;
  return showProblem({ settings }, { problem, status: isDown ? 503 : 400, returnTo, headers });
}

/**
 * The library keeps a client's request with each visit. This one takes its place: no client asked, and none is
 * answered.
 */
function standForNone(redirectUri: string): AuthRequest {
  return { responseType: "code", clientId: "", redirectUri, scope: [], state: "" };
}

/** Path and query of a URL, at this origin: nobody is ever sent to another site from here. */
function toOwnUrl({ origin }: WorkerSettings, url: string): URL {
  const { pathname, search } = new URL(url, origin);
  return new URL(`${origin}${pathname}${search}`);
}
