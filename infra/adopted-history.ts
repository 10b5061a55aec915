import type { LifecycleStep } from "../worker/durable-objects.ts";
import { followClasses } from "./lifecycle.ts";
import type { Settings } from "./settings.ts";
import { UserError } from "./user-error.ts";

/** The setting `adopted`, of a stack that has it. */
export type Adopted = NonNullable<Settings["adopted"]>;

/** Tag of the step for what an adopted Worker had, if it had no tag itself. */
const untagged = "adopted-untagged";

/** A stack's own history of Durable Object classes. */
export interface StackHistory {
  readonly steps: readonly LifecycleStep[];
  /** How many of the first steps a deployed Worker without a tag has: those it was adopted with. */
  readonly untaggedSteps: number;
  /** Classes of the adopted Worker that are there at the end, each to be exported as a stub. */
  readonly stubs: readonly string[];
}

/**
 * The history of a stack: this project's, or for an adopted Worker first the classes it came with, then
 * this project's steps. Those get tags of their own, because wrangler's are often the same ("v1"). A
 * deletion comes after the step that `deleteAfter` names and not at the end, so that a step which the
 * project adds later comes after what was deployed.
 * @throws UserError if `deleteAfter` names no step, or a class has the name of one of this project's.
 */
export function createHistory(
  own: readonly LifecycleStep[],
  adopted: Adopted | undefined,
): StackHistory {
  const { tag, classes = [], deleteAfter } = adopted ?? {};
  // A Worker without objects comes with addresses at most.
  if (tag === undefined && classes.length === 0 && deleteAfter === undefined) {
    return { steps: own, untaggedSteps: 0, stubs: [] };
  }
  refuseOwnNames(own, classes);
  if (deleteAfter !== undefined && !own.some((step) => step.tag === deleteAfter)) {
    throw new UserError(
      `adopted.deleteAfter: worker/durable-objects.ts has no step "${deleteAfter}". Name the last one, ${own.at(-1)?.tag}, so that the deletion comes after everything that is deployed.`,
    );
  }
  const steps = own.flatMap((step) => {
    const renamed = { ...step, tag: `adopted-${step.tag}` };
    if (step.tag !== deleteAfter || classes.length === 0) return [renamed];
    return [renamed, { tag: `adopted-${step.tag}-deleted`, delete: classes }];
  });
  return {
    steps: [{ tag: tag ?? untagged, create: classes }, ...steps],
    untaggedSteps: tag === undefined ? 1 : 0,
    stubs: deleteAfter === undefined ? classes : [],
  };
}

/** Whose objects would be whose, nobody could say. */
function refuseOwnNames(own: readonly LifecycleStep[], classes: readonly string[]): void {
  const names = own.flatMap(({ create = [], rename = [] }) => [
    ...create,
    ...rename.map(({ to }) => to),
  ]);
  const taken = followClasses([], [{ tag: "adopted", create: classes }]).find(({ name }) =>
    names.includes(name),
  );
  if (taken === undefined) return;
  throw new UserError(
    `adopted.classes: "${taken.name}" is also the name of a class of this project. Deploy the old program once more with a migration that renames it (renamed_classes keeps its objects), and adopt the Worker then.`,
  );
}
