import { OAuthError } from "@cloudflare/workers-oauth-provider";
import { shortestTokenLifetime, type WorkerSettings } from "../env.ts";
import { logEvent } from "../log.ts";
import { type PersonProps, personProps } from "../mcp/caller.ts";
import { isAllowed } from "./allowed.ts";
import type { UpstreamRenewal, UpstreamTokens } from "./identity.ts";
import { type IdentityContext, UpstreamError } from "./identity.ts";
import { findAuthority, selectIdentity } from "./index.ts";
import { deriveUserId } from "./subject.ts";

/** Seconds after which a client is to try again, if the other server did not say. */
const usualRetryAfter = 30;

/** What a token exchange changes, in the OAuth library's words. */
export interface UpstreamExchange {
  readonly newProps?: PersonProps;
  /** Seconds. Left out if the usual lifetime fits. */
  readonly accessTokenTTL?: number;
}

/**
 * What a token request means for the person behind the grant. At a refresh the stack is asked again whether it
 * lets them in, the upstream's token is renewed if one is kept, and the upstream is asked for the person's
 * groups. An access token never outlives the upstream's.
 * @throws OAuthError `invalid_grant`, which ends the grant: the stack or the upstream no longer lets the person
 * in, or the upstream's answer is about somebody else. `temporarily_unavailable` if the upstream does not
 * answer now: the grant stays.
 */
export async function exchangeForPerson(
  context: IdentityContext,
  grantProps: unknown,
  isRefresh: boolean,
): Promise<UpstreamExchange> {
  const props = personProps.parse(grantProps);
  if (isRefresh) refuseStranger(context, props);
  const { upstream } = props;
  if (upstream === undefined) return {};
  const renewal: UpstreamRenewal = isRefresh
    ? await renew(context, upstream)
    : { tokens: upstream };
  await refuseOther(context, props, renewal);
  const { tokens: fresh, groups } = renewal;
  const usual = findLifetime(context, fresh);
  const lifetime = renewal.isIncomplete
    ? Math.min(usual ?? Infinity, shortestTokenLifetime)
    : usual;
  if (isRefresh && lifetime !== undefined && lifetime < shortestTokenLifetime) {
    throw ended("The sign-in behind this connection has run out");
  }
  return {
    ...((fresh !== upstream || groups !== undefined) && {
      newProps: {
        ...props,
        upstream: fresh,
        ...(groups !== undefined && { groups: [...groups] }),
      },
    }),
    ...(lifetime !== undefined && { accessTokenTTL: Math.max(lifetime, shortestTokenLifetime) }),
  };
}

/**
 * Whether the stack still lets a person in, as far as it knows them. It does not know whoever signed in by a
 * method or an issuer that it no longer has.
 */
export function isKnownPerson(settings: WorkerSettings, props: PersonProps): boolean {
  const { method, email, isEmailVerified, organizations } = props;
  const authority = findAuthority(settings);
  const identity = {
    method,
    issuer: "",
    subject: "",
    ...(email !== undefined && { email }),
    ...(isEmailVerified !== undefined && { isEmailVerified }),
    ...(organizations !== undefined && { organizations }),
  };
  const isKnown =
    method === settings.identity.method && (props.authority ?? authority) === authority;
  return isKnown && isAllowed(identity, settings);
}

function refuseStranger({ settings }: IdentityContext, props: PersonProps): void {
  if (isKnownPerson(settings, props)) return;
  logEvent("refresh-refused", { method: props.method });
  throw ended("This server no longer lets this person in");
}

/**
 * Refuses tokens of anybody but the person who signed in: the ID token of a refresh has to name the same person
 * (OpenID Connect Core section 12.2).
 */
async function refuseOther(
  { env }: IdentityContext,
  { userId, method }: PersonProps,
  { owner }: UpstreamRenewal,
): Promise<void> {
  if (owner === undefined || (await deriveUserId(env.SUBJECT_KEY, owner)) === userId) return;
  const problem = "revoked";
  const reason = "the answer is about another person than the sign-in was";
  logEvent("upstream-refresh-failed", { method, problem, reason });
  throw ended("The sign-in behind this connection is now another person's");
}

/** Seconds for which an access token may last; undefined if the usual lifetime is shorter. */
function findLifetime(
  { settings }: IdentityContext,
  { expiresAt }: UpstreamTokens,
): number | undefined {
  if (expiresAt === undefined) return undefined;
  const left = expiresAt - Math.floor(Date.now() / 1000);
  return left < settings.tokens.access ? left : undefined;
}

async function renew(context: IdentityContext, tokens: UpstreamTokens): Promise<UpstreamRenewal> {
  const method = selectIdentity(context.settings);
  if (method.kind !== "redirect" || method.refresh === undefined) return { tokens };
  try {
    return await method.refresh(context, tokens);
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    const { problem, message, retryAfter = usualRetryAfter } = error;
    logEvent("upstream-refresh-failed", { method: method.name, problem, reason: message });
    if (problem === "revoked") throw ended("The sign-in behind this connection was ended");
    // A wrong client secret is the operator's mistake, and no reason to sign everybody out.
    throw new OAuthError("temporarily_unavailable", {
      description: "The service that signs people in is not answering",
      statusCode: 503,
      headers: { "Retry-After": String(retryAfter) },
    });
  }
}

/** The library ends the grant with it. */
function ended(description: string): OAuthError {
  return new OAuthError("invalid_grant", { description: `${description}. Connect again` });
}
