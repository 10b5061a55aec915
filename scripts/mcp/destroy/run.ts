import { UserError } from "../../errors.ts";
import { count } from "../../terminal/format.ts";
import type { Progress } from "../../terminal/progress.ts";
import { adoptionTag } from "../adopt/adoption-mark.ts";
import { type DeclaredStack, readDeclared } from "../stack/declared.ts";
import { showEngine } from "../stack/engine-events.ts";
import { createExplorer, type Explorer } from "../stack/explore.ts";
import { ProjectStack } from "../stack/stack.ts";
import { findStackAccount } from "../stack/stack-account.ts";
import {
  describeDestruction,
  describeRest,
  isProtected as findProtection,
  setProtection,
} from "./destroy-plan.ts";
import { exportFiles, exportNamespace, exportState, makeExportFolder } from "./export-data.ts";
import { countHoldings, emptyBuckets } from "./holdings.ts";

export interface DestroyOptions extends Consent {
  readonly stack: string;
  /** Folder for what is stored in the stack: each run makes one of its own in it. */
  readonly export?: string;
  readonly deleteData?: true;
  /** Whether the stack itself goes, with its history and its settings file. */
  readonly remove?: true;
}

const removal = "The stack itself goes too, with its history and its settings file.";

/**
 * Says what goes for good, exports on request, and deletes. Interrupted anywhere, the same command
 * finishes it.
 * @throws UserError for what is not meant, cannot be exported or fails.
 */
export async function destroy(options: DestroyOptions, progress: Progress): Promise<void> {
  const { stack: name, deleteData = false, remove = false } = options;
  const stack = await ProjectStack.open(name);
  const say = (...lines: string[]) => {
    progress.clear();
    console.log(lines.join("\n"));
  };
  const [resources, values, { [adoptionTag]: adoption }] = await Promise.all([
    stack.resources(),
    stack.config(),
    stack.tags(),
  ]);
  const declared = readDeclared(resources);
  const isProtected = findProtection(stack.project, values, resources);
  const keepsData = isProtected && !deleteData;
  if (resources.length === 0) {
    say(`${name} has nothing deployed.`);
    if (remove) {
      say(removal);
      await confirmDestroy(name, isProtected, options);
    }
  } else {
    if (remove && keepsData) {
      throw new UserError(
        `--remove: the data of ${name} is protected and stays, and its key is in the stack's state, which would go. Leave --remove out, or give --delete-data too.`,
      );
    }
    const explorer = createExplorer(
      findStackAccount(stack.project, values, "Account, Workers Scripts: Edit"),
    );
    progress.show("counting what is stored");
    const holdings = await countHoldings(explorer, declared);
    const plan = {
      stack: name,
      isProtected,
      deletesData: deleteData,
      declared,
      resources,
      holdings,
    };
    say(...describeDestruction(plan), ...(remove ? [removal] : []));
    await confirmDestroy(name, isProtected, options);
    if (options.export !== undefined) {
      say(...(await exportAll(stack, explorer, declared, options.export, progress)));
    }
    await deleteAll(stack, explorer, declared, { isProtected, keepsData }, progress);
    // There is nothing any more that `adopt --undo` could give back.
    if (adoption !== undefined) await stack.removeTag(adoptionTag);
    say(...describeEnd(name, await stack.resources()));
  }
  if (remove) {
    await stack.remove();
    say(`The stack ${name} is removed, with its history and its settings file.`);
  } else {
    say(`The stack ${name} itself stays, with its history and settings; --remove removes it, too.`);
  }
}

function describeEnd(name: string, rest: Awaited<ReturnType<ProjectStack["resources"]>>): string[] {
  const staying = describeRest(name, rest);
  return staying.length > 0
    ? [`Deleted ${name}, except for what is protected.`, ...staying]
    : [`Deleted everything of ${name}.`];
}

/** @returns what was written, and what was not. */
async function exportAll(
  stack: ProjectStack,
  explorer: Explorer,
  { namespaces, databases, buckets }: DeclaredStack,
  parent: string,
  progress: Progress,
): Promise<string[]> {
  const folder = await makeExportFolder(parent, stack.shortName);
  await exportState(stack.name, folder);
  const [namespace] = namespaces;
  const keys =
    namespace === undefined
      ? 0
      : await exportNamespace(explorer, namespace.id, folder, progress.show);
  const others = [
    ...databases.map(({ name }) => `npx wrangler d1 export ${name} --remote --output ${name}.sql`),
    ...buckets.map(({ name }) => `the R2 bucket ${name}, with any S3 client`),
  ];
  return [
    `Exported ${count(keys, "key")} to ${folder}/${exportFiles.kv}, and the stack's state to ${folder}/${exportFiles.stack}.`,
    "Both are sensitive: they hold who connected what, and hashes and encrypted data of the connections. Keep the stack's passphrase or key service: the state is encrypted with it.",
    "Not in it: people's state in Durable Objects, which Cloudflare exports to nobody.",
    ...others.map((what) => `Not in it: ${what}`),
  ];
}

interface DataFate {
  readonly isProtected: boolean;
  readonly keepsData: boolean;
}

async function deleteAll(
  stack: ProjectStack,
  explorer: Explorer,
  declared: DeclaredStack,
  { isProtected, keepsData }: DataFate,
  progress: Progress,
): Promise<void> {
  const engine = showEngine(progress);
  // Set each time: an interrupted `--delete-data` has left it off.
  if (isProtected)
    await stack.editResources((each) => setProtection(each, keepsData), engine.onWait);
  if (!keepsData) await emptyBuckets(explorer, declared, progress.show);
  // With a refresh: the API answers 404 for what is gone already, which the provider takes for an error.
  await stack.destroy({ refresh: true, excludeProtected: keepsData, ...engine });
  progress.clear();
}

interface Consent {
  readonly yes?: true | undefined;
  /** The stack's name, typed out. */
  readonly confirm?: string | undefined;
}

/**
 * Asks whether a destroy is meant. A protected stack wants its name, in a script with `--confirm`.
 * @throws UserError if it is not, or nobody is at the terminal.
 */
export async function confirmDestroy(
  stack: string,
  isProtected: boolean,
  { yes, confirm }: Consent,
): Promise<void> {
  if (confirm !== undefined) {
    if (confirm === stack) return;
    throw new UserError(
      `--confirm: it says ${confirm}, and the stack is ${stack}. Nothing was deleted.`,
    );
  }
  if (yes === true && !isProtected) return;
  if (yes === true) {
    throw new UserError(
      `--yes: ${stack} is protected, and a yes is not enough. Give --confirm ${stack}. Nothing was deleted.`,
    );
  }
  const { confirmByName } = await import("../../terminal/confirm.ts");
  await confirmByName(
    stack,
    `This deletes ${stack} as said above.`,
    isProtected ? `--confirm ${stack}` : "--yes",
  );
}
