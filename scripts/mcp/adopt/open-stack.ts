import type { ConfigMap } from "@pulumi/pulumi/automation/index.js";
import { componentType, isPlumbing, resourceType } from "../../../infra/resource-types.ts";
import { UserError } from "../../errors.ts";
import { listStacks, readProjectName } from "../stack/backend.ts";
import { NoSuchStack } from "../stack/cli.ts";
import { readDeclared, toResourceName } from "../stack/declared.ts";
import { readSettingsFile } from "../stack/settings-file.ts";
import { withoutStack } from "../stack/short-name.ts";
import { ProjectStack } from "../stack/stack.ts";
import { readResources, type StateResource } from "../stack/state.ts";
import { readPlainValues } from "./adopted-settings.ts";
import type { OtherStack } from "./find-sharers.ts";
import type { ImportItem } from "./list-imports.ts";

export interface AdoptingStack {
  readonly name: string;
  readonly project: string;
  /** Undefined if it is still to be made. */
  readonly stack: ProjectStack | undefined;
  /** Its settings, secret ones in clear; of one that is not made yet, those of its file. */
  readonly config: ConfigMap;
  /** Text of its settings file; empty if there is none. */
  readonly file: string;
  readonly resources: readonly StateResource[];
  /** The other stacks of this project. */
  readonly others: readonly OtherStack[];
}

/**
 * Opens the stack if it is there already. Makes nothing.
 * @throws UserError if another stack of this project has the Worker.
 */
export async function openAdoptingStack(name: string, worker: string): Promise<AdoptingStack> {
  const [stacks, file, project, stack] = await Promise.all([
    listStacks(),
    readSettingsFile(name),
    readProjectName(),
    find(name),
  ]);
  const others = await readOthers(stack === undefined ? stacks : withoutStack(stacks, name));
  for (const other of others) refuseOwner(other, worker);
  if (stack === undefined) {
    const values = Object.entries(readPlainValues(name, file, project));
    const config = Object.fromEntries(values.map(([key, value]) => [key, { value }]));
    return { name, project, stack, config, file, resources: [], others };
  }
  const resources = await stack.resources();
  const other = findScriptName(resources);
  if (other !== undefined && other !== worker) {
    throw new UserError(
      `--stack: ${name} is the stack of the Worker "${other}", and a stack has one. Name a new stack.`,
    );
  }
  return { name, project, stack, config: await stack.config(), file, resources, others };
}

/** @returns undefined if it is still to be made. */
async function find(name: string): Promise<ProjectStack | undefined> {
  try {
    return await ProjectStack.open(name);
  } catch (error) {
    if (error instanceof NoSuchStack) return undefined;
    throw error;
  }
}

/**
 * What other stacks hold. Each is a run of the CLI, so they come one after the other.
 * @throws UserError that names a stack whose state cannot be read: it may have what is to be taken.
 */
export async function readOthers(
  names: readonly string[],
  read: typeof readResources = readResources,
): Promise<OtherStack[]> {
  const others: OtherStack[] = [];
  for (const name of names) {
    try {
      others.push({ name, resources: await read(name) });
    } catch (error) {
      // Gone since it was listed.
      if (error instanceof NoSuchStack) continue;
      if (!(error instanceof UserError)) throw error;
      throw new UserError(
        `--stack: what the stack "${name}" of this project has cannot be read, so it may have this Worker or what belongs to it, and nothing was taken. Repair its state, or remove the stack if nobody needs it (\`npx pulumi stack rm ${name}\`), and run this command again. ${error.message}`,
      );
    }
  }
  return others;
}

/** Name of the Worker that a state has; the id, if the state hides the name. */
function findScriptName(resources: readonly StateResource[]): string | undefined {
  return readDeclared(resources).worker?.scriptName;
}

/** Two stacks of one Worker would undo each other's work. */
export function refuseOwner({ name: stack, resources }: OtherStack, worker: string): void {
  if (findScriptName(resources) !== worker) return;
  throw new UserError(
    `--worker: "${worker}" belongs to the stack "${stack}" of this project already, and a Worker has one stack. Deploy it with \`npx pulumi up -s ${stack}\`.`,
  );
}

/**
 * Which items the state still lacks.
 * @throws UserError if the stack has something else: its next run would delete or replace it.
 */
export function findMissing(
  { name, resources }: AdoptingStack,
  items: readonly ImportItem[],
): ImportItem[] {
  const other = resources.find(
    (each) =>
      !isPlumbing(each.type) &&
      each.type !== componentType &&
      // An earlier checkout could take it over, with a provider that imported schedules.
      each.type !== resourceType.cron &&
      !items.some((item) => isItem(item, each.type, toResourceName(each))),
  );
  if (other !== undefined) {
    throw new UserError(
      `--stack: ${name} holds resources already (${toResourceName(other)}, ${other.type}), so it is the stack of another server. Name a new stack.`,
    );
  }
  return items.filter(
    (item) => !resources.some((each) => isItem(item, each.type, toResourceName(each))),
  );
}

function isItem({ kind, name }: ImportItem, type: string, found: string): boolean {
  return resourceType[kind] === type && name === found;
}
