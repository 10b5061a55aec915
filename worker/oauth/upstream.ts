import type { AuthRequest } from "@cloudflare/workers-oauth-provider";
import * as z from "zod";
import type { WorkerSettings } from "../env.ts";
import { UpstreamError } from "../identity/identity.ts";
import { selectIdentity } from "../identity/index.ts";
import { logFailure } from "../log.ts";
import { ErrorPage } from "../pages/error.tsx";
import { renderPage } from "../pages/render.ts";
import { type BrowserContext, redirect } from "./context.ts";
import { upstreamInvalid, upstreamUnavailable } from "./problems.ts";
import { proveHandle } from "./transactions/proof.ts";

/** What is kept while the person is at the other server: encrypted, for one use, for one browser. */
export const upstreamData = z.object({
  /** Page of ours that the person came from, to go on there. */
  returnTo: z.string(),
  /** Whether a client asked; otherwise the person wants to see `returnTo`. */
  isForClient: z.boolean(),
  /** Id of the person who said yes, where they were signed in then: nobody else may come back. */
  userId: z.string().optional(),
  /** What the identity method keeps. */
  method: z.unknown(),
});

/** Where the person goes on after a sign-in elsewhere. */
export interface UpstreamVisit {
  /** The client's approved request; for a page of ours, one that stands for none. */
  readonly authRequest: AuthRequest;
  /** Page of ours that the person came from. */
  readonly returnTo: string;
  readonly isForClient: boolean;
  /** Id of the person who said yes, where they were signed in then. */
  readonly userId?: string | undefined;
  /** Cookies of the steps before. */
  readonly headers: Headers;
}

/**
 * Sends the browser to the server that signs people in. Only after consent. Where that server is
 * down, the person gets a page from which they can try again.
 */
export async function startUpstream(
  context: BrowserContext,
  { authRequest, returnTo, isForClient, userId, headers }: UpstreamVisit,
): Promise<Response> {
  const { env, settings, oauth } = context;
  const method = selectIdentity(settings);
  if (method.kind !== "redirect") throw new Error(`${method.name} sends nobody elsewhere`);
  const page = toOwnUrl(settings, returnTo);
  const prompt = page.searchParams.get("prompt") ?? "";
  const selectAccount = /\b(select_account|login)\b/.test(prompt);
  try {
    const { data, toUrl } = await method.begin(context, selectAccount);
    const kept: z.infer<typeof upstreamData> = {
      returnTo: page.href,
      isForClient,
      ...(userId !== undefined && { userId }),
      method: data,
    };
    const upstream = await oauth.beginUpstream(authRequest, { data: kept, headers });
    return redirect(toUrl(await proveHandle(env, upstream.state)).href, upstream.headers);
  } catch (error) {
    return answerUpstreamFailure(error, { settings, returnTo: page.href, headers });
  }
}

/**
 * Has a person sign in elsewhere for a page of this server's own, and come back to it.
 * @param headers cookies of the steps before.
 */
export function signInUpstream(
  context: BrowserContext,
  returnTo: string,
  headers = new Headers(),
): Promise<Response> {
  const { href } = toOwnUrl(context.settings, returnTo);
  // The library keeps a request with each visit. No client made this one, and none is answered.
  const authRequest = {
    responseType: "code",
    clientId: "",
    redirectUri: href,
    scope: [],
    state: "",
  };
  return startUpstream(context, { authRequest, returnTo: href, isForClient: false, headers });
}

/** Path and query of a URL, at this origin: nobody is ever sent to another site from here. */
function toOwnUrl({ origin }: WorkerSettings, url: string): URL {
  const { pathname, search } = new URL(url, origin);
  return new URL(`${origin}${pathname}${search}`);
}

/** What goes with the page about a failure. */
interface FailureParts {
  readonly settings: WorkerSettings;
  /** Page of ours that tries again. */
  readonly returnTo?: string;
  readonly headers?: Headers;
}

/** The page for a sign-in elsewhere that did not work. @throws what is no such failure. */
export function answerUpstreamFailure(
  error: unknown,
  { settings, returnTo, headers = new Headers() }: FailureParts,
): Response {
  if (!(error instanceof UpstreamError)) throw error;
  const { problem: kind, retryAfter } = error;
  const { method } = settings.identity;
  logFailure("upstream-failure", error, { method, problem: kind });
  const isDown = kind === "unavailable";
  if (isDown && retryAfter !== undefined) headers.set("retry-after", String(retryAfter));
  const problem = isDown ? upstreamUnavailable : upstreamInvalid;
  const page = ErrorPage({ settings, problem, ...(returnTo !== undefined && { returnTo }) });
  return renderPage(page, isDown ? 503 : 400, headers);
}
