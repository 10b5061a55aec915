import type { LifecycleStep } from "../worker/durable-objects.ts";
import { UserError } from "./user-error.ts";

/** What became of a Durable Object class over some steps: its name now, and the name it had before. */
export interface ClassLine {
  readonly name: string;
  /** Name before the first of the steps; undefined if one of them created it. */
  readonly before: string | undefined;
}

/**
 * Follows every class through lifecycle steps, in order.
 * @param existing the classes before the first step.
 * @returns the classes after the last one.
 * @throws UserError for a step that cannot be applied to what is there.
 */
export function followClasses(
  existing: readonly string[],
  steps: readonly LifecycleStep[],
): ClassLine[] {
  let lines: ClassLine[] = existing.map((name) => ({ name, before: name }));
  for (const step of steps) {
    refuseRepeatedNames(step);
    const take = (name: string) => {
      const line = lines.find((candidate) => candidate.name === name);
      if (line !== undefined) return line;
      throw refuseStep(step, `"${name}" does not exist at this point. Correct the step`);
    };
    for (const name of step.delete ?? []) {
      const line = take(name);
      lines = lines.filter((candidate) => candidate !== line);
    }
    for (const { from, to } of step.rename ?? []) {
      const line = take(from);
      refuseTaken(lines, step, to);
      lines = lines.map((candidate) => (candidate === line ? { ...line, name: to } : candidate));
    }
    for (const name of step.create ?? []) {
      refuseTaken(lines, step, name);
      lines = [...lines, { name, before: undefined }];
    }
  }
  return lines;
}

/** @throws UserError if two steps have one tag, or a tag is empty. */
export function refuseRepeatedTags(history: readonly LifecycleStep[]): void {
  const tags = new Set<string>();
  for (const step of history) {
    if (step.tag === "") throw refuseStep(step, "a step needs a tag. Give it one");
    if (tags.has(step.tag)) throw refuseStep(step, "another step has this tag. Give it a new one");
    tags.add(step.tag);
  }
}

/** The steps of one upload are applied together, so a name that is in one twice has no order. */
function refuseRepeatedNames(step: LifecycleStep): void {
  const { create = [], rename = [], delete: deleted = [] } = step;
  const names = [...create, ...deleted, ...rename.flatMap(({ from, to }) => [from, to])];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw refuseStep(step, `it names "${twice}" twice. Make it two steps`);
}

function refuseTaken(lines: readonly ClassLine[], step: LifecycleStep, name: string): void {
  if (lines.some((line) => line.name === name)) {
    throw refuseStep(step, `"${name}" exists already at this point. Choose another name`);
  }
}

function refuseStep({ tag }: LifecycleStep, problem: string): UserError {
  return new UserError(`worker/durable-objects.ts, step "${tag}": ${problem}.`);
}
