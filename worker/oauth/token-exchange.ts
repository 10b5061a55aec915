import {
  OAuthError,
  type TokenExchangeCallbackOptions,
  type TokenExchangeCallbackResult,
} from "@cloudflare/workers-oauth-provider";
import * as z from "zod";
import { shortestTokenLifetime, type WorkerEnv, type WorkerSettings } from "../env.ts";
import { probeMethod } from "../identity/probe-method.ts";
import { exchangeForPerson } from "../identity/refresh-upstream.ts";
import { limitScopes } from "../identity/scope-limit.ts";
import { logEvent } from "../log.ts";
import { type PersonProps, personProps } from "../mcp/caller.ts";
import { toGrantKey } from "./gate/well-formed-token.ts";

/** Seconds for which a probe's token is good. It gets no refresh token. */
const probeLifetime = 300;

const grantRecord = z.object({ createdAt: z.number() });

/**
 * Called by the OAuth library each time before a grant issues something: checks whether the person
 * may still sign in, renews tokens of the upstream, and sets lifetimes, of which the shortest counts.
 * @throws OAuthError, which the client gets; at `invalid_grant` the library ends the grant.
 */
export async function exchangeToken(
  options: TokenExchangeCallbackOptions<WorkerEnv>,
  settings: WorkerSettings,
): Promise<TokenExchangeCallbackResult> {
  const { env, props, grantType } = options;
  const person = personProps.safeParse(props);
  if (!person.success) {
    throw new OAuthError("invalid_grant", { description: "Another program made this grant" });
  }
  if (person.data.method === probeMethod) {
    return {
      accessTokenTTL: Math.min(probeLifetime, settings.tokens.access),
      refreshTokenTTL: 0,
    };
  }
  // First: a grant that is too old is ended without asking anybody.
  const limits = await limitLifetimes(options, settings);
  const renewed = await exchangeForPerson({ env, settings }, props, grantType === "refresh_token");
  const now = renewed.newProps ?? person.data;
  const isUsedUp = now.upstream?.refreshToken !== person.data.upstream?.refreshToken;
  const scope = cutScopes(options, now, settings, isUsedUp);
  const access = [limits.accessTokenTTL, renewed.accessTokenTTL].filter((ttl) => ttl !== undefined);
  return {
    ...limits,
    ...renewed,
    ...(scope !== undefined && { accessTokenScope: scope }),
    ...(access.length > 0 && { accessTokenTTL: Math.min(...access) }),
  };
}

/**
 * The requested scopes that the person may still have; undefined if there is no limit. The grant keeps what
 * the person allowed, so that it has it again when they are back in the group.
 * @param isUsedUp whether the upstream's previous refresh token is used up. Then only a refusal that ends the
 * grant is made, since any other would lose the new one: the token is issued without a scope.
 * @throws OAuthError `invalid_scope` if none of the requested scopes is left, and `invalid_grant` if none of
 * the grant's is left, which ends it.
 */
function cutScopes(
  { scope, requestedScope }: TokenExchangeCallbackOptions<WorkerEnv>,
  person: PersonProps,
  settings: WorkerSettings,
  isUsedUp: boolean,
): string[] | undefined {
  if (settings.scopesByGroup === undefined) return undefined;
  const left = limitScopes(requestedScope, person, settings);
  if (left.length > 0) return left;
  const isOver = limitScopes(scope, person, settings).length === 0;
  logEvent("scopes-refused", { method: person.method, ended: isOver });
  if (isUsedUp && !isOver) return [];
  throw new OAuthError(isOver ? "invalid_grant" : "invalid_scope", {
    description: `This person may no longer use what ${isOver ? "the connection" : "this request"} is for. Connect again`,
  });
}

/** However much it is used, a grant ends `refreshAbsolute` seconds after it was made. */
async function limitLifetimes(
  { env, userId, grantId }: TokenExchangeCallbackOptions<WorkerEnv>,
  { tokens }: WorkerSettings,
): Promise<TokenExchangeCallbackResult> {
  const { access, refreshIdle, refreshAbsolute } = tokens;
  if (refreshAbsolute === undefined) return {};
  const record: unknown = await env.OAUTH_KV.get(toGrantKey({ userId, grantId }), "json");
  const { createdAt } = grantRecord.parse(record);
  const left = createdAt + refreshAbsolute - Math.floor(Date.now() / 1000);
  if (left < shortestTokenLifetime) {
    throw new OAuthError("invalid_grant", { description: "The grant has reached its age limit" });
  }
  const idle = Math.min(refreshIdle, left);
  return {
    accessTokenTTL: Math.min(access, left),
    refreshTokenTTL: idle,
    refreshTokenIdleTTL: idle,
  };
}
