import { setTimeout as sleep } from "node:timers/promises";
import { toSettling, versionSettling, waitSeconds } from "../stack/settling.ts";

/** Milliseconds in which a new address at workers.dev has spread everywhere. */
const patience = 60_000;

/**
 * Waits until a server that was just deployed answers at its address: a new one at workers.dev has no
 * name yet, or answers 404, for some seconds. Goes on after a minute: doctor says then what is wrong.
 * @param replaces whether it takes the place of a version that answered there, which Cloudflare may let
 * answer for some seconds more: doctor would look at that one.
 */
export async function waitForServer(
  url: string,
  signal: AbortSignal,
  replaces: boolean,
  limit = patience,
): Promise<void> {
  const late = Date.now() + limit;
  while (!signal.aborted && Date.now() < late && !(await answers(url))) await sleep(500);
  if (replaces) await waitSeconds(toSettling(url, versionSettling), signal);
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(5000) });
    await response.body?.cancel();
    return response.status < 400;
  } catch {
    return false;
  }
}
