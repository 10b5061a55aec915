import type { AuthRequest } from "@cloudflare/workers-oauth-provider";
import type { Identity, UpstreamTokens } from "../identity/identity.ts";
import { deriveUserId } from "../identity/subject.ts";
import { logEvent, logFailure } from "../log.ts";
import type { PersonProps } from "../mcp/caller.ts";
import { type BrowserContext, redirect } from "./context.ts";
import { endOlderGrants } from "./older-grants.ts";

/** What a person allowed, and who they are. */
export interface Allowance {
  /** The client's request, with the scopes that the person left in it. */
  readonly authRequest: AuthRequest;
  readonly identity: Identity;
  readonly upstream?: UpstreamTokens | undefined;
  /** Cookies of the steps before. */
  readonly headers: Headers;
}

/** Makes the grant and sends the browser to the client with its code. */
export async function complete(
  { env, ctx, oauth }: BrowserContext,
  { authRequest, identity, headers }: Allowance,
): Promise<Response> {
  const userId = await deriveUserId(env.SUBJECT_KEY, identity);
  const props: PersonProps = {
    userId,
    method: identity.method,
    ...(identity.email !== undefined && { email: identity.email }),
  };
  const { redirectTo } = await oauth.completeAuthorization({
    request: authRequest,
    userId,
    metadata: {},
    scope: authRequest.scope,
    props,
    // The library would sign out the same client on another machine, and go round the gates.
    revokeExistingGrants: false,
  });
  const code = new URL(redirectTo).searchParams.get("code") ?? "";
  ctx.waitUntil(
    endOlderGrants(env, code).catch((error: unknown) => logFailure("older-grants-failure", error)),
  );
  logEvent("consent", { decision: "approve" });
  return redirect(redirectTo, headers);
}
