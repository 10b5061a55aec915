import { setTimeout as sleep } from "node:timers/promises";
import { isLoopback } from "../../../infra/loopback.ts";

/** Seconds after an upload in which Cloudflare may still let the previous version answer in some places. */
export const versionSettling = 15;

/** Seconds after which a new address at workers.dev answers everywhere. */
export const addressSettling = 90;

/**
 * Seconds that a server at this address needs to settle: none on this machine, where the local cloud
 * has one version at a time.
 */
export function toSettling(address: string, seconds: number): number {
  return isLoopback(address) ? 0 : seconds;
}

/** Waits that long, or until the signal. */
export async function waitSeconds(seconds: number, signal?: AbortSignal): Promise<void> {
  if (seconds === 0 || signal?.aborted) return;
  await sleep(seconds * 1000, undefined, { signal }).catch(() => {});
}
