import { waitUntil } from "cloudflare:workers";
import type { WorkerEnv } from "../../env.ts";
import { logFailure } from "../../log.ts";
import { findGate } from "./gates.ts";
import { lostAnswerTime } from "./rotations.ts";
import { findGrantOfKey } from "./well-formed-token.ts";

/** Tokens whose use this isolate has reported, the oldest first. */
const reported = new Set<string>();

/** How many are remembered. */
const most = 1000;

/** Marks the record of an access token that a rotation issued. @param record as the library wrote it. */
export function markRotated(record: string, now = Date.now()): string {
  return JSON.stringify({ ...(JSON.parse(record) as object), reportUntil: now + lostAnswerTime });
}

/**
 * Tells the gate that an access token from a rotation is in use, so that nobody gets that answer again.
 * Runs once in an isolate for each token, after the call is answered, and never for the token of a code.
 * @param key of the token's record.
 */
export function reportUse(env: WorkerEnv, key: string, record: string): void {
  const until = Number(/"reportUntil":(\d+)/.exec(record)?.[1] ?? 0);
  const grant = findGrantOfKey(key);
  if (until <= Date.now() || grant === undefined || reported.has(key)) return;
  reported.add(key);
  for (const oldest of reported) {
    if (reported.size <= most) break;
    reported.delete(oldest);
  }
  const forget = (error: unknown) => {
    reported.delete(key);
    logFailure("token-gate-failure", error);
  };
  waitUntil(findGate(env, grant).noteUse(key).catch(forget));
}
