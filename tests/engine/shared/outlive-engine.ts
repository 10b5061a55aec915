import { access } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";

/** Milliseconds that a plugin of Pulumi's lives on without its engine; the real ones ask rarely. */
const longest = 75_000;

/** Milliseconds between two looks for the plugin's own home. */
const pause = 500;

/**
 * Waits as long as a plugin lives on whose engine was killed: it notices late, and holds its memory and port for more
 * than a minute. No longer than its PULUMI_HOME is there: then a test is over.
 * @param ended when it was ended before. Default: nobody does.
 * @throws the signal's reason.
 */
export async function outliveEngine(home: string | undefined, ended?: AbortSignal): Promise<void> {
  const end = Date.now() + longest;
  while (Date.now() < end && (await isThere(home))) {
    await setTimeout(pause, undefined, ended && { signal: ended });
  }
}

async function isThere(home: string | undefined): Promise<boolean> {
  if (home === undefined) return true;
  return access(home).then(
    () => true,
    () => false,
  );
}
