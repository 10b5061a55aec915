import type { ConfigMap } from "@pulumi/pulumi/automation/index.js";
import { UserError } from "../../errors.ts";
import { resourceType, toResourceName } from "../stack/declared.ts";
import { readSettingsFile } from "../stack/settings-file.ts";
import { ProjectStack } from "../stack/stack.ts";
import { readResources, type StateResource } from "../stack/state.ts";
import { listStacks, readProjectName } from "../stack/workspace.ts";
import type { OtherStack } from "./find-sharers.ts";
import type { ImportItem } from "./list-imports.ts";
import { readPlainValues } from "./settings-file.ts";

/** The stack that is to adopt a Worker. */
export interface AdoptingStack {
  readonly name: string;
  readonly project: string;
  /** Undefined where it is still to be made. */
  readonly stack: ProjectStack | undefined;
  /** Its settings, secret ones in clear; of one that is not made yet, those of its file. */
  readonly config: ConfigMap;
  /** Text of its settings file; empty where there is none. */
  readonly file: string;
  /** What its state holds. */
  readonly resources: readonly StateResource[];
  /** The other stacks of this project. */
  readonly others: readonly OtherStack[];
}

/**
 * Opens the stack where it is there already. Makes nothing.
 * @throws UserError where another stack of this project has the Worker.
 */
export async function openAdoptingStack(name: string, worker: string): Promise<AdoptingStack> {
  const [stacks, file, project] = await Promise.all([
    listStacks(),
    readSettingsFile(name),
    readProjectName(),
  ]);
  const others = await readOthers(stacks.filter((each) => each !== name));
  for (const other of others) refuseOwner(other, worker);
  if (!stacks.includes(name)) {
    const values = Object.entries(readPlainValues(name, file, project));
    const config = Object.fromEntries(values.map(([key, value]) => [key, { value }]));
    return { name, project, stack: undefined, config, file, resources: [], others };
  }
  const stack = await ProjectStack.open(name);
  const resources = await stack.resources();
  const other = resources.find(({ type }) => type === resourceType.worker)?.inputs?.scriptName;
  if (other !== undefined && other !== worker) {
    throw new UserError(
      `--stack: ${name} is the stack of the Worker "${other}", and a stack has one. Name a new stack.`,
    );
  }
  return { name, project, stack, config: await stack.config(), file, resources, others };
}

/** Each is a run of the CLI, so they come one after the other. */
async function readOthers(names: readonly string[]): Promise<OtherStack[]> {
  const others: OtherStack[] = [];
  for (const name of names) others.push({ name, resources: await readResources(name) });
  return others;
}

/** Two stacks of one Worker would undo each other's work. */
function refuseOwner({ name: stack, resources }: OtherStack, worker: string): void {
  const isOwner = resources.some(
    ({ type, inputs }) => type === resourceType.worker && inputs?.scriptName === worker,
  );
  if (!isOwner) return;
  throw new UserError(
    `--worker: "${worker}" belongs to the stack "${stack}" of this project already, and a Worker has one stack. Deploy it with \`npx pulumi up -s ${stack}\`.`,
  );
}

/**
 * Which items the state still lacks.
 * @throws UserError where the stack has something else: its next run would delete or replace it.
 */
export function findMissing(
  { name, resources }: AdoptingStack,
  items: readonly ImportItem[],
): ImportItem[] {
  const other = resources.find(
    (each) =>
      !/^(pulumi:pulumi:Stack|pulumi:pulumi:StackReference|pulumi:providers:cloudflare|remote-mcp-server:)/.test(
        each.type,
      ) &&
      // A checkout of before could take it over, from a provider that brought its schedules.
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
