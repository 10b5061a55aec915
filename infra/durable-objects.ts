import type { LifecycleStep } from "../worker/durable-objects.ts";

/** Lifecycle steps as an upload carries them (Cloudflare's Durable Object migrations). */
export interface Migrations {
  /** The tag Cloudflare must have now, or it refuses the upload (error 10079). */
  readonly oldTag?: string;
  readonly newTag: string;
  readonly steps: MigrationStep[];
}

/** One step of an upload. */
export interface MigrationStep {
  readonly newSqliteClasses?: string[];
  readonly renamedClasses?: { from: string; to: string }[];
  readonly deletedClasses?: string[];
}

/**
 * What is still to be sent: the steps after the tag that is live. Nothing where all are applied.
 * @param liveTag the tag Cloudflare reports for the Worker; undefined where there is no Worker yet.
 * @throws Error where the live tag is not in the history: somebody else deployed this Worker.
 */
export function planMigrations(
  history: readonly LifecycleStep[],
  liveTag: string | undefined,
): Migrations | undefined {
  const applied = liveTag === undefined ? -1 : history.findIndex(({ tag }) => tag === liveTag);
  if (liveTag !== undefined && applied === -1) {
    throw new Error(
      `The deployed Worker is at Durable Object tag "${liveTag}", which worker/durable-objects.ts does not know. Deploy from the checkout that made it, or give this stack another scriptName.`,
    );
  }
  const pending = history.slice(applied + 1);
  const last = pending.at(-1);
  if (last === undefined) return undefined;
  return {
    ...(liveTag !== undefined && { oldTag: liveTag }),
    newTag: last.tag,
    steps: pending.map(toMigrationStep),
  };
}

function toMigrationStep(step: LifecycleStep): MigrationStep {
  return {
    ...(step.create && { newSqliteClasses: [...step.create] }),
    ...(step.rename && { renamedClasses: step.rename.map(({ from, to }) => ({ from, to })) }),
    ...(step.delete && { deletedClasses: [...step.delete] }),
  };
}
