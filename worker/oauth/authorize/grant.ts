import type { WorkerSettings } from "../../env.ts";
import type { UpstreamTokens } from "../../identity/identity.ts";
import { findAuthority } from "../../identity/index.ts";
import { logEvent } from "../../log.ts";
import type { PersonProps } from "../../mcp/caller.ts";
import { toGrantMetadata } from "../clients/client-facts.ts";
import { type BrowserContext, redirect } from "../context.ts";
import type { Person } from "./known.ts";
import type { Grant } from "./steps.ts";

/** Makes the grant and sends the browser to the client with its code. */
export async function grant({ settings, oauth }: BrowserContext, step: Grant): Promise<Response> {
  const { authRequest, person, tokens, headers } = step;
  const { redirectTo } = await oauth.completeAuthorization({
    request: authRequest,
    userId: person.id,
    metadata: toGrantMetadata(await oauth.describeConsent(authRequest)),
    scope: authRequest.scope,
    props: toProps(person, settings, tokens),
    // The library would sign out the same client on another machine, and bypass the gates.
    revokeExistingGrants: false,
  });
  logEvent("consent", { decision: "approve" });
  return redirect(redirectTo, headers);
}

/** What a grant stores, so that each refresh can ask again whether the stack lets the person in. */
export function toProps(
  person: Pick<Person, "id" | "identity">,
  settings: WorkerSettings,
  tokens?: UpstreamTokens,
): PersonProps {
  const { method, email, isEmailVerified, organizations, groups } = person.identity;
  return {
    userId: person.id,
    method,
    authority: findAuthority(settings),
    signedInAt: Math.floor(Date.now() / 1000),
    ...(email !== undefined && { email }),
    ...(isEmailVerified !== undefined && { isEmailVerified }),
    ...(organizations !== undefined && { organizations: [...organizations] }),
    ...(groups !== undefined && { groups: [...groups] }),
    ...(tokens !== undefined && { upstream: tokens }),
  };
}
