import type { LifecycleStep } from "../worker/durable-objects.ts";
import type { DeployedWorker } from "./account.ts";
import { type ClassLine, followClasses, refuseRepeatedTags } from "./lifecycle.ts";
import { toListCommands } from "./settings.ts";
import { listProblems, UserError } from "./user-error.ts";

/** Lifecycle steps as an upload carries them (Cloudflare's Durable Object migrations). */
export interface Migrations {
  /** The tag Cloudflare must have now, or it refuses the upload (error 10079). */
  readonly oldTag?: string;
  readonly newTag: string;
  readonly steps: MigrationStep[];
}

export interface MigrationStep {
  readonly newSqliteClasses?: string[];
  readonly renamedClasses?: { from: string; to: string }[];
  readonly deletedClasses?: string[];
}

export interface LifecycleParts {
  /** Every step there ever was, oldest first. */
  readonly history: readonly LifecycleStep[];
  /** The classes that the bundle exports. */
  readonly exported: readonly string[];
  /** The classes that bindings name. */
  readonly bound: readonly string[];
  /** The Worker as it is deployed; undefined if there is none. */
  readonly live: DeployedWorker | undefined;
  /** How many of the first steps a deployed Worker without a tag has. Default: none. */
  readonly untaggedSteps?: number;
  /** Classes that may be deleted, from the setting of this name. */
  readonly allowDurableObjectDeletion: readonly string[];
}

/**
 * What is still to be sent for the deployed Worker to have the classes of the history; undefined
 * if that is nothing. A class that was never live is sent under the name it ends with: Cloudflare
 * refuses to create a class that the code no longer exports (error 10070).
 * @throws UserError if the history, the bundle, the bindings and the deployed Worker do not fit.
 */
export function planMigrations(parts: LifecycleParts): Migrations | undefined {
  const { history, live, untaggedSteps = 0 } = parts;
  refuseRepeatedTags(history);
  refuseMismatch(parts, followClasses([], history));

  const applied = findAppliedSteps(history, live, untaggedSteps);
  const existing = followClasses([], history.slice(0, applied)).map(({ name }) => name);
  if (live !== undefined && applied > 0) refuseEditedHistory(live, existing);
  const pending = history.slice(applied);
  const after = followClasses(existing, pending);
  refuseDeletion(existing, after, parts);

  const steps = planSteps(existing, pending, after);
  const newTag = pending.at(-1)?.tag;
  if (steps.length === 0 || newTag === undefined) return undefined;
  const oldTag = live?.migrationTag;
  return { ...(oldTag !== undefined && { oldTag }), newTag, steps };
}

/** The steps of the live classes as they are written, then all that is new at once. */
function planSteps(
  existing: readonly string[],
  pending: readonly LifecycleStep[],
  after: readonly ClassLine[],
): MigrationStep[] {
  const steps: MigrationStep[] = [];
  // Names, at each point, of the classes that were live before the first step.
  let old = [...existing];
  for (const step of pending) {
    const deletedClasses = (step.delete ?? []).filter((name) => old.includes(name));
    const renamedClasses = (step.rename ?? []).filter(({ from }) => old.includes(from));
    old = old
      .filter((name) => !deletedClasses.includes(name))
      .map((name) => renamedClasses.find(({ from }) => from === name)?.to ?? name);
    if (deletedClasses.length + renamedClasses.length === 0) continue;
    steps.push({
      ...(renamedClasses.length > 0 && {
        renamedClasses: renamedClasses.map(({ from, to }) => ({ from, to })),
      }),
      ...(deletedClasses.length > 0 && { deletedClasses }),
    });
  }
  const created = after.filter(({ before }) => before === undefined).map(({ name }) => name);
  return created.length === 0 ? steps : [...steps, { newSqliteClasses: created }];
}

function findAppliedSteps(
  history: readonly LifecycleStep[],
  live: DeployedWorker | undefined,
  untaggedSteps: number,
): number {
  const liveTag = live?.migrationTag;
  if (liveTag === undefined) return live === undefined ? 0 : untaggedSteps;
  const index = history.findIndex(({ tag }) => tag === liveTag);
  if (index >= 0) return index + 1;
  throw new UserError(
    `The deployed Worker is at Durable Object tag "${liveTag}", which worker/durable-objects.ts does not know. Deploy from the checkout that made it, or give this stack another scriptName.`,
  );
}

/** Cloudflare refuses these uploads too (10064, 10070, 10061), without a word on what to change. */
function refuseMismatch({ exported, bound }: LifecycleParts, after: readonly ClassLine[]): void {
  const declared = after.map(({ name }) => name);
  const problems = [
    ...declared
      .filter((name) => !exported.includes(name))
      .map(
        (name) =>
          `"${name}" is declared and worker/index.ts does not export it. Export it, or add a step that renames or deletes it.`,
      ),
    ...exported
      .filter((name) => !declared.includes(name))
      .map(
        (name) =>
          `worker/index.ts exports "${name}", which worker/durable-objects.ts does not create, or removes in a later step. Add a step that creates it, or remove the export.`,
      ),
    ...bound
      .filter((name) => !declared.includes(name))
      .map(
        (name) =>
          `durableObjectBindings names "${name}", which no step creates, or a later one removes. Remove the binding, or add a step that creates the class.`,
      ),
  ];
  if (problems.length > 0) throw listProblems("The Durable Object classes do not fit:", problems);
}

function refuseEditedHistory(live: DeployedWorker, expected: readonly string[]): void {
  const same = (one: readonly string[], other: readonly string[]) =>
    one.length === other.length && one.every((name) => other.includes(name));
  if (same(live.classes, expected)) return;
  throw new UserError(
    `The deployed Worker is at Durable Object tag "${live.migrationTag ?? "none"}" and has the classes ${list(live.classes)}; by worker/durable-objects.ts it would have ${list(expected)} at that tag. A step that was deployed has been edited: restore it, and put the change into a new step at the end; in the setting adopted, deleteAfter names the last step. If it is another server's Worker, give this stack another scriptName.`,
  );
}

function refuseDeletion(
  existing: readonly string[],
  after: readonly ClassLine[],
  { allowDurableObjectDeletion }: LifecycleParts,
): void {
  const refused = existing
    .filter((name) => !after.some(({ before }) => before === name))
    .filter((name) => !allowDurableObjectDeletion.includes(name));
  if (refused.length === 0) return;
  throw new UserError(
    `allowDurableObjectDeletion: this deployment deletes ${list(refused)} with all stored data, which is then gone for good. If that is meant, name it: ${toListCommands("allowDurableObjectDeletion", allowDurableObjectDeletion, refused)}.`,
  );
}

function list(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.map((name) => `"${name}"`).join(", ");
}
