import type { OAuthAuthorizationServer } from "@cloudflare/workers-oauth-provider";
import type { WorkerEnv } from "../env.ts";
import { logEvent } from "../log.ts";

/** KV key of the place where the last run stopped. The library's own keys all hold a colon. */
const cursorKey = "purge-cursor";

/** Records looked at in one run and phase. Each costs up to a few of the 1,000 KV calls of one invocation. */
const batchSize = 50;

/** Removes what the OAuth library left behind, a batch a run, going on where the last run stopped. */
export async function purge(
  authorizationServer: OAuthAuthorizationServer<WorkerEnv>,
  env: WorkerEnv,
): Promise<void> {
  const cursor = await env.OAUTH_KV.get(cursorKey);
  const result = await authorizationServer.purgeExpiredData(env, {
    batchSize,
    ...(cursor !== null && { cursor }),
  });
  // A KV write is scarce (1,000 a day on the free plan), so an unchanged cursor is not written.
  if (result.cursor !== undefined) await env.OAUTH_KV.put(cursorKey, result.cursor);
  else if (cursor !== null) await env.OAUTH_KV.delete(cursorKey);
  const { grantsChecked, grantsPurged, tokensChecked, tokensPurged, done } = result;
  logEvent("purge", { grantsChecked, grantsPurged, tokensChecked, tokensPurged, done });
}
