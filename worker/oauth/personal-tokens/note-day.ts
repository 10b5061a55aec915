import { waitUntil } from "cloudflare:workers";
import type { WorkerEnv } from "../../env.ts";
import { logFailure } from "../../log.ts";
import { toDay } from "../clients/client-facts.ts";
import { findGate } from "../gate/gates.ts";
import { toGrantKey } from "../gate/well-formed-token.ts";
import type { GrantName } from "../revoke.ts";

/** Grants whose day of use this isolate has reported, each with the day, the oldest first. */
const reported = new Set<string>();

/** How many are remembered. */
const most = 1000;

/**
 * Has a token's day of use noted, after the call is answered. Its gate does that, which is the one that ends
 * it: so nothing is written back of one that was ended. Once a day in an isolate, and one write a day of all.
 */
export function noteDay(env: WorkerEnv, grant: GrantName): void {
  const { grantId } = grant;
  const mark = `${grantId} ${toDay(Date.now())}`;
  if (reported.has(mark)) return;
  reported.add(mark);
  for (const oldest of reported) {
    if (reported.size <= most) break;
    reported.delete(oldest);
  }
  const forget = (error: unknown) => {
    reported.delete(mark);
    logFailure("token-gate-failure", error);
  };
  waitUntil(findGate(env, grant).rewrite(grant, toGrantKey(grant)).catch(forget));
}
