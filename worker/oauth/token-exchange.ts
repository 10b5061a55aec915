import {
  OAuthError,
  type TokenExchangeCallbackOptions,
  type TokenExchangeCallbackResult,
} from "@cloudflare/workers-oauth-provider";
import * as z from "zod";
import { shortestTokenLifetime, type WorkerEnv, type WorkerSettings } from "../env.ts";
import { personProps } from "../mcp/caller.ts";

/** Seconds for which a probe's token is good. It gets no refresh token. */
const probeLifetime = 300;

const grantRecord = z.object({ createdAt: z.number() });

/**
 * Decides the lifetimes of what a grant gives out, each time it gives something out.
 * @throws OAuthError `invalid_grant`, at which the library ends the grant.
 */
export async function exchangeToken(
  options: TokenExchangeCallbackOptions<WorkerEnv>,
  settings: WorkerSettings,
): Promise<TokenExchangeCallbackResult> {
  const { method } = personProps.parse(options.props);
  if (method === "probe") {
    return {
      accessTokenTTL: Math.min(probeLifetime, settings.tokens.access),
      refreshTokenTTL: 0,
    };
  }
  // Upstream tokens are renewed here.
  return limitLifetimes(options, settings);
}

/** However much it is used, a grant ends `refreshAbsolute` seconds after it was made. */
async function limitLifetimes(
  { env, userId, grantId }: TokenExchangeCallbackOptions<WorkerEnv>,
  { tokens }: WorkerSettings,
): Promise<TokenExchangeCallbackResult> {
  const { access, refreshIdle, refreshAbsolute } = tokens;
  if (refreshAbsolute === undefined) return {};
  const record: unknown = await env.OAUTH_KV.get(`grant:${userId}:${grantId}`, "json");
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
