import { createProgress, type Progress } from "../../terminal/progress.ts";
import { showEngine } from "../stack/engine-events.ts";
import type { RunOptions } from "../stack/stack.ts";

/** What a person sees while a preview is made or removed. */
export interface Show {
  /** A step, as "Deploying pr-12". */
  step(text: string): void;
  /** Who is waited for; said once. */
  wait(who: string): void;
  readonly progress: Progress;
  /** For the engine's runs. */
  readonly engine: Pick<RunOptions, "onEvent" | "onWait" | "mostAge">;
}

/**
 * Milliseconds after which a preview's lock was left behind by a runner that is gone: the jobs of
 * .github/workflows/preview.yml end after 20 minutes.
 */
const mostAge = 30 * 60_000;

/** Shows steps on the standard error, and on a terminal what the engine works on. */
export function createShow(): Show {
  const progress = createProgress(process.stderr);
  const step = (text: string) => {
    progress.clear();
    console.error(text);
  };
  let last: string | undefined;
  const wait = (who: string) => {
    if (who !== last) step(`Waiting for ${who} …`);
    last = who;
  };
  return { step, wait, progress, engine: { ...showEngine(progress), onWait: wait, mostAge } };
}
