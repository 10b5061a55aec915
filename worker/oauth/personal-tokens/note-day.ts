import { waitUntil } from "cloudflare:workers";
import type { WorkerEnv } from "../../env.ts";
import { logFailure } from "../../log.ts";
import { toDay } from "../clients/client-facts.ts";
import { findGate } from "../gate/gates.ts";
import { toGrantKey } from "../gate/well-formed-token.ts";
import type { GrantName } from "../revoke.ts";

/** Grants whose day of use this isolate has reported, each with the day, the oldest first. */
const reported = new Set<string>();

/** How many of them are remembered. */
const most = 1000;

/**
 * Notes a token's day of use, after the call is answered. Its gate writes it, which is also what ends the token:
 * so nothing is written back of one that was ended. It runs once a day in each isolate, and the gate writes once a day.
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
