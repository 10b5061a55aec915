import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import type { DeclaredProgram } from "../../../infra/declared-program.ts";
import { UserError } from "../../errors.ts";
import type { Progress } from "../../terminal/progress.ts";
import { isWorker, type PlannedStep, PreviewRecord } from "../deploy/planned-steps.ts";
import { listPastUpdates } from "../deploy/way-back.ts";
import { type DeclaredStack, isDeclaredType } from "../stack/declared.ts";
import { showEngine } from "../stack/engine-events.ts";
import { listChangedSettings } from "../stack/settings-file.ts";
import type { ProjectStack } from "../stack/stack.ts";
import { compareSettings, pickSettings, type SettingChange } from "../stack/stack-values.ts";
import type { Difference } from "./difference.ts";
import type { Look } from "./look-for-drift.ts";
import {
  createRepairMark,
  formatRepairMark,
  ProgramDigest,
  parseRepairMark,
  type RepairMark,
  repairTag,
} from "./repair-mark.ts";

/** The steps of a repair, in lines; empty if it can do nothing. */
export function planRepair(differences: readonly Difference[]): string[] {
  const does = (mend: Difference["mend"]) => differences.some((each) => each.mend === mend);
  return [
    ...(does("call") ? ["put the cron triggers back"] : []),
    ...(does("upload") ? ["upload the Worker again, with the stack's bindings and settings"] : []),
    ...(does("upload") || does("refresh")
      ? ["run `up --refresh`: make again what is missing, change back what was changed"]
      : []),
  ];
}

/**
 * Refuses a repair that would deploy more than was deployed: the program runs from this checkout. If
 * an earlier repair has not finished, the state says what the account has, and the mark of that repair is
 * compared.
 * @returns the mark of a repair that may begin. @throws UserError that names what differs.
 */
export async function prepareRepair(
  stack: ProjectStack,
  { declared }: Pick<Look, "declared">,
): Promise<RepairMark> {
  const { changes, sha256 } = await previewProgram(stack, declared);
  const [tags, mark] = await Promise.all([stack.tags(), createRepairMark(stack, sha256)]);
  const unfinished = tags[repairTag];
  if (unfinished !== undefined) refuseOtherRepair(stack.name, parseRepairMark(unfinished), mark);
  else if (changes.length > 0) {
    throw new UserError(
      `--repair: this checkout or the stack's settings differ from what was deployed: ${changes.join("; ")}. A repair would deploy that as well. Deploy it first, with \`npx pulumi up -s ${stack.name} --refresh\`, which repairs some of this too; or check out the commit that was deployed.`,
    );
  }
  return mark;
}

function refuseOtherRepair(stack: string, begun: RepairMark | undefined, now: RepairMark): void {
  if (begun !== undefined && begun.program === now.program && begun.settings === now.settings) {
    return;
  }
  const where =
    begun === undefined || begun.commit === "" ? "" : `, begun at the commit ${begun.commit},`;
  const what = begun?.program === now.program ? "the stack's settings are" : "this checkout is";
  throw new UserError(
    `--repair: the last repair${where} has not finished, and ${what} not what it was begun with. A repair would deploy that as well. Go back to it to finish the repair; or deploy, with \`npx pulumi up -s ${stack} --refresh\`, forget the repair, with \`npx pulumi stack tag rm ${repairTag} -s ${stack}\`, and look for drift again.`,
  );
}

/** What an `up` of this checkout would change, and a digest of what the program declares. */
async function previewProgram(stack: ProjectStack, declared: Look["declared"]) {
  const record = new PreviewRecord();
  const digest = new ProgramDigest();
  let program: DeclaredProgram | undefined;
  await stack.preview({
    parts: {
      onDeclared(told) {
        program = told;
      },
    },
    onEvent(event) {
      digest.take(event);
      record.take(event);
    },
  });
  const [last] = await listPastUpdates(stack);
  const now = pickSettings(stack.project, await stack.config());
  // Of secrets nothing else tells: what the engine shows of bindings is hidden as a whole.
  const settings = last === undefined ? [] : compareSettings(last.settings, now);
  const changes = listProgramChanges({ steps: record.steps, program, declared, settings });
  return { changes, sha256: digest.sha256 };
}

/**
 * Mends what can be mended. The tag stays until it is done, so that a second run finishes what the
 * first one began.
 * @throws UserError with what the engine or the API reported.
 */
export async function repair(
  stack: ProjectStack,
  { report, declared, explorer }: Look,
  mark: RepairMark,
  progress: Progress,
): Promise<void> {
  await stack.setTags({ [repairTag]: formatRepairMark(mark) });
  const engine = showEngine(progress);
  const { worker, crons } = declared;
  const isCalled = report.differences.some(({ mend }) => mend === "call");
  if (isCalled && worker !== undefined && crons !== undefined) {
    const body = crons.map((cron) => ({ cron }));
    const { accountId: account_id } = explorer;
    await explorer.ask("scripts", (client) =>
      client.workers.scripts.schedules.update(worker.scriptName, { account_id, body }),
    );
  }
  await stack.up({ ...engine, refresh: true, parts: { repair: mark.began } });
  // The state forgets the reason of the upload: the next preview shows no change.
  await stack.up(engine);
  await stack.removeTag(repairTag);
  progress.clear();
}

interface ProgramParts {
  /** The steps in a preview of the program. */
  readonly steps: readonly PlannedStep[];
  readonly program: DeclaredProgram | undefined;
  /** The Worker in the stack's state. */
  readonly declared: Pick<DeclaredStack, "worker">;
  /** Settings that are not those of the last deployment. */
  readonly settings: readonly SettingChange[];
}

/** Inputs of a single upload: they change when somebody else made the version that serves. */
const ownToUpload: readonly string[] = ["migrations", "annotations"];

/**
 * Names what an `up` of this checkout would change. Values that Cloudflare computes again are left out:
 * the engine names them in every update.
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
