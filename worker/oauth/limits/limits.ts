import { hmac, toHex } from "../../digest.ts";
import type { WorkerEnv } from "../../env.ts";
import { logFailure } from "../../log.ts";
import { readAddress, readSite } from "./address.ts";

/** The rate limits of the Worker. */
type LimitName = "AUTHORIZE_LIMIT" | "REGISTER_LIMIT" | "SIGN_IN_LIMIT" | "TOKEN_LIMIT";

/** Seconds over which a rate limit counts, and after which a client may come back. */
export const limitPeriod = 60;

/** Whose requests are counted together. */
export interface Counted {
  /** `unknown`: requests of an address for records that do not exist here. */
  readonly kind: "address" | "site" | "account" | "unknown";
  readonly value: string;
}

/** Everybody in this network. Hosted clients send the requests of all their people from a few networks. */
export function byAddress(request: Request): Counted {
  return { kind: "address", value: readAddress(request) };
}

/** Everybody in the site that this network may be a part of; undefined if it is part of none. */
export function bySite(request: Request): Counted | undefined {
  const value = readSite(request);
  return value === undefined ? undefined : { kind: "site", value };
}

/** Everybody who signs in with this email, from anywhere. Another spelling of it is the same account. */
export function byAccount(email: string): Counted {
  return { kind: "account", value: email.trim().toLowerCase() };
}

/**
 * How a counter's name refers to whom it counts: HMAC-SHA256, so that nobody can read an address or an
 * email out of it. The subject key never rotates, so no counter starts again; a JSON object is never
 * the list that `deriveUserId` signs with it.
 */
export async function deriveCounter(
  { SUBJECT_KEY: key }: Pick<WorkerEnv, "SUBJECT_KEY">,
  { kind, value }: Counted,
): Promise<string> {
  return `${kind}:${toHex(await hmac(key, JSON.stringify({ [kind]: value })))}`;
}

/**
 * Whether somebody has used up their share of a minute. It counts per Cloudflare location, and lets everybody
 * through if the limiter itself fails: it bounds abuse and is not a lock.
 */
export async function isOverLimit(
  env: WorkerEnv,
  limit: LimitName,
  counted: Counted,
): Promise<boolean> {
  try {
    const { success } = await env[limit].limit({ key: await deriveCounter(env, counted) });
    return !success;
  } catch (error) {
    logFailure("limit-failure", error, { limit });
    return false;
  }
}
