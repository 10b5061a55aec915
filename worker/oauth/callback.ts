import { authorizationErrorRedirect } from "@cloudflare/workers-oauth-provider";
import * as z from "zod";
import { isAllowed } from "../identity/allowed.ts";
import { UpstreamError } from "../identity/identity.ts";
import { selectIdentity } from "../identity/index.ts";
import { rememberSignIn } from "../identity/signed-in.ts";
import { logEvent, logFailure } from "../log.ts";
import { ErrorPage } from "../pages/error.tsx";
import { RefusedPage } from "../pages/refused.tsx";
import { renderPage } from "../pages/render.ts";
import { complete } from "./complete.ts";
import { type BrowserContext, redirect } from "./context.ts";
import { upstreamInvalid, upstreamUnavailable } from "./problems.ts";

/** What is kept while the person is at the other server. */
export const upstreamData = z.object({
  /** Page of ours that the person came from, to go on there. */
  returnTo: z.string(),
  /** Whether a client asked; otherwise the person wants to see `returnTo`. */
  isForClient: z.boolean(),
  /** What the identity method keeps. */
  method: z.unknown(),
});

/** `GET /authorize/callback`: the person comes back from the server that signs people in. */
export async function handleCallback(context: BrowserContext): Promise<Response> {
  const { request, env, settings, oauth } = context;
  const method = selectIdentity(settings);
  if (method.kind !== "redirect") return new Response("Not found", { status: 404 });
  const { request: authRequest, data, headers } = await oauth.finishUpstream(request);
  const { returnTo, isForClient, method: methodData } = upstreamData.parse(data);
  try {
    const { identity, tokens } = await method.finish(
      { env, settings },
      new URL(request.url),
      methodData,
    );
    if (!isAllowed(identity, settings)) {
      logEvent("sign-in-refused", { method: method.name });
      const backToClient = isForClient
        ? authorizationErrorRedirect(authRequest, "access_denied", "This person may not sign in")
        : undefined;
      return renderPage(RefusedPage({ settings, identity, returnTo, backToClient }), 403, headers);
    }
    logEvent("sign-in", { method: method.name });
    headers.append("set-cookie", await rememberSignIn(identity, env.SESSION_KEYS));
    if (!isForClient) return redirect(returnTo, headers);
    return await complete(context, { authRequest, identity, upstream: tokens, headers });
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    logFailure("upstream-failure", error, { method: method.name, problem: error.problem });
    if (error.problem === "declined" && isForClient) {
      const declined = authorizationErrorRedirect(authRequest, "access_denied", "Sign-in declined");
      return redirect(declined, headers);
    }
    const isDown = error.problem === "unavailable";
    const problem = isDown ? upstreamUnavailable : upstreamInvalid;
    return renderPage(ErrorPage({ settings, problem, returnTo }), isDown ? 503 : 400, headers);
  }
}
