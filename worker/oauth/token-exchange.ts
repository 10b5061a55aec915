import type {
  TokenExchangeCallbackOptions,
  TokenExchangeCallbackResult,
} from "@cloudflare/workers-oauth-provider";
import type { WorkerEnv, WorkerSettings } from "../env.ts";
import { exchangeForPerson } from "../identity/refresh-upstream.ts";

/**
 * What the OAuth library asks before it issues a token. @throws OAuthError, which the client gets;
 * `invalid_grant` ends the grant.
 */
export function exchangeToken(
  settings: WorkerSettings,
  { env, props, grantType }: TokenExchangeCallbackOptions<WorkerEnv>,
): Promise<TokenExchangeCallbackResult> {
  return exchangeForPerson({ env, settings }, props, grantType === "refresh_token");
}
