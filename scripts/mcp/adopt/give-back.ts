import { UserError } from "../../errors.ts";
import { readDeclared, toResourceName } from "../stack/declared.ts";
import { readSettingsFile, toSettingsFile } from "../stack/settings-file.ts";
import { ProjectStack } from "../stack/stack.ts";
import { diffFile, removeSettings, writeSettingsFile } from "./adopted-settings.ts";
import { type AdoptionMark, adoptionTag, parseAdoptionMark } from "./adoption-mark.ts";

export interface GiveBackPlan {
  readonly stack: ProjectStack;
  readonly mark: AdoptionMark | undefined;
  /** Names of what the state lets go. */
  readonly released: readonly string[];
  /** The settings file, before and after. */
  readonly before: string;
  readonly after: string;
}

/**
 * Plans to give back what `adopt` took. Changes nothing.
 * @throws UserError if an `up` of the stack has begun, or the stack has another Worker.
 */
export async function planGiveBack(name: string, worker: string): Promise<GiveBackPlan> {
  const stack = await ProjectStack.open(name);
  const [resources, tags, before] = await Promise.all([
    stack.resources(),
    stack.tags(),
    readSettingsFile(name),
  ]);
  const { worker: adopted, isDeployed } = readDeclared(resources);
  if (isDeployed) refuseDeployed(name);
  const owned = adopted?.scriptName;
  if (owned !== undefined && owned !== worker) {
    throw new UserError(`--undo: ${name} has adopted the Worker "${owned}", not "${worker}".`);
  }
  const mark = parseAdoptionMark(tags[adoptionTag]);
  const released = resources.filter(({ type }) => type.startsWith("cloudflare:"));
  if (mark === undefined && released.length === 0) {
    throw new UserError(`--undo: ${name} has adopted nothing, so there is nothing to give back.`);
  }
  return {
    stack,
    mark,
    released: released.map(toResourceName),
    before,
    after: removeSettings(name, before, stack.project, mark?.settings ?? []),
  };
}

/**
 * Its program keeps notes and keys in the state, and they come before anything that changes the account:
 * if there is none, nothing of this project was uploaded.
 */
function refuseDeployed(name: string): never {
  throw new UserError(
    `--undo: an \`up\` of ${name} has begun, so this project's code may serve, with keys that are in the stack's state alone. To go back, deploy the old program with wrangler again, as docs/adopt.md says; to delete the server, \`npm run mcp -- destroy --stack ${name}\`.`,
  );
}

export function formatGiveBack({ stack, mark, released, before, after }: GiveBackPlan): string {
  const diff = diffFile(stack.name, before, after);
  return [
    `The stack ${stack.name} lets go of: ${released.join(", ") || "nothing, its state is empty"}. Nothing in the account changes.`,
    diff === ""
      ? `${toSettingsFile(stack.name)} stays as it is.`
      : `Settings, ${toSettingsFile(stack.name)}:\n${diff.trimEnd().replace(/^/gm, "  ")}`,
    ...(mark === undefined || mark.overwritten.length === 0
      ? []
      : [
          `Keep the value that \`adopt\` gave them, because the one before is not known: ${mark.overwritten.join(", ")}. Put it back by hand, from the file's history.`,
        ]),
    mark?.madeStack
      ? `The stack is removed, because \`adopt\` made it; its settings file stays.`
      : "The stack stays, empty.",
  ].join("\n\n");
}

/** Gives back. After an interruption, the next call continues where it ended. */
export async function giveBack({ stack, mark, before, after }: GiveBackPlan): Promise<void> {
  if (after !== before) await writeSettingsFile(stack.name, after);
  if (mark?.madeStack) return stack.forget();
  await stack.release();
  await stack.removeTag(adoptionTag);
}
