import { type AuthRequest, authorizationErrorRedirect } from "@cloudflare/workers-oauth-provider";
import type { WorkerSettings } from "../env.ts";
import { isAllowed } from "../identity/allowed.ts";
import type { Identity, UpstreamTokens } from "../identity/identity.ts";
import { findAuthority, selectIdentity } from "../identity/index.ts";
import { deriveUserId } from "../identity/subject.ts";
import { logEvent } from "../log.ts";
import type { PersonProps } from "../mcp/caller.ts";
import { toGrantMetadata } from "./clients/client-facts.ts";
import { type BrowserContext, redirect } from "./context.ts";
import { startUpstream } from "./upstream.ts";

/** What a person allowed, and who they are. */
export interface Allowance {
  /** The client's request, with the scopes that the person left in it. */
  readonly authRequest: AuthRequest;
  readonly identity: Identity;
  readonly upstream?: UpstreamTokens | undefined;
  /** Cookies of the steps before. */
  readonly headers: Headers;
}

/**
 * Makes the grant and sends the browser to the client with its code. Where a tool needs a token of
 * the server that signs people in, each grant gets its own: a person who is known by their cookie
 * goes there once more.
 */
export async function complete(context: BrowserContext, allowance: Allowance): Promise<Response> {
  const { request, env, settings, oauth, upstreamScopes } = context;
  const { authRequest, identity, upstream, headers } = allowance;
  // The pages have said so before; this holds for whoever comes by another way.
  if (!isAllowed(identity, settings)) {
    logEvent("sign-in-refused", { method: identity.method });
    return redirect(authorizationErrorRedirect(authRequest, "access_denied"), headers);
  }
  const userId = await deriveUserId(env.SUBJECT_KEY, identity);
  const canAsk = selectIdentity(settings).kind === "redirect";
  if (upstreamScopes !== undefined && upstream === undefined && canAsk) {
    const returnTo = request.url;
    return startUpstream(context, { authRequest, returnTo, isForClient: true, userId, headers });
  }
  const { redirectTo } = await oauth.completeAuthorization({
    request: authRequest,
    userId,
    metadata: toGrantMetadata(await oauth.describeConsent(authRequest)),
    scope: authRequest.scope,
    props: toProps(userId, allowance, settings),
    // The library would sign out the same client on another machine, and go round the gates.
    revokeExistingGrants: false,
  });
  logEvent("consent", { decision: "approve" });
  return redirect(redirectTo, headers);
}

/** What the grant keeps, so that each refresh can ask anew whether the stack lets the person in. */
function toProps(
  userId: string,
  { identity, upstream }: Allowance,
  settings: WorkerSettings,
): PersonProps {
  const { method, email, isEmailVerified, organizations } = identity;
  return {
    userId,
    method,
    authority: findAuthority(settings),
    ...(email !== undefined && { email }),
    ...(isEmailVerified !== undefined && { isEmailVerified }),
    ...(organizations !== undefined && { organizations: [...organizations] }),
    ...(upstream !== undefined && { upstream }),
  };
}
