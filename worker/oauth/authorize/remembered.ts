import type { AuthRequest, RememberConsentOptions } from "@cloudflare/workers-oauth-provider";
import { serialize } from "hono/utils/cookie";
import type { WorkerEnv } from "../../env.ts";
import { readKeyRing } from "../../keys.ts";
import type { BrowserContext } from "../context.ts";
import type { Person } from "./known.ts";
import type { VisitCause } from "./visit-cause.ts";

/** Remembers a consent in this browser, for this person only: client, redirect URI, resource, scopes. */
export function toRemember(env: WorkerEnv, userId: string): RememberConsentOptions {
  return { secret: readKeyRing(env.CONSENT_KEYS).current, subject: userId };
}

/** Cookie in which the OAuth library keeps all the consents that a browser remembers. */
const approvalsCookie = "__Host-oauth-approvals";

/** A `Set-Cookie` value that forgets every consent this browser remembers. */
export function forgetConsents(): string {
  const options = { path: "/", secure: true, httpOnly: true, sameSite: "Lax", maxAge: 0 } as const;
  return serialize(approvalsCookie, "", options);
}

/**
 * Whether this person has allowed exactly this in this browser before, and asked not to be asked again. The
 * page is shown all the same for every `prompt` but `none`, and for a visit that another web site caused, or
 * may have caused, however many pages of ours come in between: a client with a metadata document is the same
 * for all its installations, so that site may be using somebody else's yes (GHSA-6x8h-498w-gv8c).
 */
export async function isRemembered(
  { request, env, oauth }: BrowserContext,
  authRequest: AuthRequest,
  person: Person | undefined,
  cause: VisitCause,
): Promise<boolean> {
  const prompt = new URL(request.url).searchParams.get("prompt") ?? "none";
  if (person === undefined || prompt !== "none" || cause !== "person") return false;
  for (const secret of readKeyRing(env.CONSENT_KEYS).all) {
    if (await oauth.isConsentRemembered(request, authRequest, { secret, subject: person.id }))
      return true;
  }
  return false;
}
