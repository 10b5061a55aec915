import type { OAuthHelpers } from "@cloudflare/workers-oauth-provider";
import type { WorkerEnv } from "../env.ts";

/** Names one grant. */
export interface GrantName {
  readonly userId: string;
  readonly grantId: string;
}

/** Ends a grant with all its tokens, and with what runs under them. Ending one twice is no error. */
export async function revokeGrant(
  _env: WorkerEnv,
  oauth: OAuthHelpers,
  { userId, grantId }: GrantName,
): Promise<void> {
  await oauth.revokeGrant(grantId, userId);
}
