import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import type { DeclaredProgram } from "../../../infra/declared-program.ts";
import type { PlannedStep } from "../deploy/planned-steps.ts";
import { isWorker } from "../deploy/planned-steps.ts";
import type { SettingChange } from "../deploy/settings.ts";
import { type DeclaredStack, isDeclaredType } from "../stack/declared.ts";
import { listChangedSettings } from "../stack/settings-paths.ts";

/** What is known of a checkout's program and of what was deployed. */
export interface ProgramParts {
  /** What a preview of the program says. */
  readonly steps: readonly PlannedStep[];
  readonly program: DeclaredProgram | undefined;
  /** What the stack's state says. */
  readonly declared: Pick<DeclaredStack, "worker">;
  /** Settings that are not those of the last deployment. */
  readonly settings: readonly SettingChange[];
}

/** What belongs to one upload: a version that somebody else made brings them up. */
const ownToUpload: readonly string[] = ["migrations", "annotations"];

/**
 * What an `up` of this checkout would deploy otherwise than it was deployed, by name. What Cloudflare only
 * computes anew is not among it: the engine names it in every update.
 */
export function listProgramChanges(parts: ProgramParts): string[] {
  const settings = parts.settings.map(
    ({ name, isSecret }) => `${isSecret ? "secret" : "setting"} ${name}`,
  );
  const resources = parts.steps.flatMap((step) => {
    const { op, type, name } = step;
    // What is missing in the state, an interrupted `up` has left to be made.
    if (!isDeclaredType(type) || !["update", "replace", "delete"].includes(op)) return [];
    if (op === "delete") return [name];
    const changed = isWorker(type) ? listWorkerChanges(step, parts) : listInputChanges(step);
    return changed.length === 0 ? [] : [`${name} (${changed.join(", ")})`];
  });
  return [...settings, ...resources];
}

/** Inputs of the program that it gives otherwise. */
function listInputChanges({ diffs, before, after }: PlannedStep): string[] {
  return diffs.filter((name) => {
    if (ownToUpload.includes(name) || !(before.has(name) || after.has(name))) return false;
    const [was, is] = [before.read(name, z.unknown()), after.read(name, z.unknown())];
    return !isDeepStrictEqual(was, is);
  });
}

function listWorkerChanges(step: PlannedStep, parts: ProgramParts): string[] {
  const { program, declared, settings } = parts;
  const inputs = listInputChanges(step).filter((name) => name !== "bindings");
  const before = declared.worker?.bindings;
  if (program === undefined || before === undefined)
    return [...inputs, "bindings, which cannot be seen"];
  const after = program.bindings;
  const names = [...new Set([...before, ...after].map(({ name }) => name))].sort();
  const bindings = names.flatMap((name) => {
    const [was, is] = [before, after].map((all) => all.find((each) => each.name === name));
    if (was?.type !== is?.type) return [`binding ${name}`];
    if (name !== "SETTINGS" || settings.length > 0) return [];
    return listChangedSettings(was?.json, is?.json).map((path) => `setting ${path}`);
  });
  return [...inputs, ...bindings];
}
