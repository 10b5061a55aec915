import { UserError } from "../../errors.ts";
import { type DeclaredStack, readDeclared } from "../stack/declared.ts";
import { createExplorer, type Explorer } from "../stack/explore.ts";
import { toShortName } from "../stack/short-name.ts";
import type { ProjectStack } from "../stack/stack.ts";
import type { StackAccount } from "../stack/stack-account.ts";
import { readResources } from "../stack/state.ts";
import { listStacks } from "../stack/workspace.ts";
import { compare, listNotChecked } from "./compare.ts";
import type { Difference, DriftReport, NotChecked } from "./difference.ts";
import { collectOwned, findOrphans, type Owned } from "./find-orphans.ts";
import { lookAtAccount } from "./live.ts";

/** Tag of a stack on which a repair was begun and has not come to its end: when it began. */
export const repairTag = "mcp:repair";

/** What a look needs. */
export interface LookParts {
  readonly stack: ProjectStack;
  /** Names that are somebody else's, though they carry this project's naming. */
  readonly ignored: readonly string[];
  /** Told what is being looked at. */
  readonly onBegin: (what: string) => void;
}

/** What one look saw. */
export interface Look {
  readonly report: DriftReport;
  readonly declared: DeclaredStack;
  readonly explorer: Explorer;
}

/**
 * Compares what a stack says with what the account has. Nothing is changed.
 * @throws UserError for a stack that has nothing deployed.
 */
export async function lookForDrift({ stack, ignored, onBegin }: LookParts): Promise<Look> {
  onBegin("what the stack says");
  const declared = readDeclared(await stack.resources());
  if (declared.worker === undefined && declared.namespaces.length === 0) {
    throw new UserError(
      `--stack: ${stack.name} has nothing deployed. \`npx pulumi up -s ${stack.name}\` deploys it.`,
    );
  }
  const account: StackAccount = await stack.account("Account, Workers Scripts: Edit");
  const explorer = createExplorer(account);
  onBegin("what the account has");
  const [live, tags, { owned, notChecked }] = await Promise.all([
    lookAtAccount(explorer, account, stack.shortName, declared),
    stack.tags(),
    readOwned(stack, declared),
  ]);
  const unfinished = tags[repairTag];
  const report: DriftReport = {
    stack: stack.name,
    worker: declared.worker?.scriptName,
    looked: new Date().toISOString(),
    differences: [
      ...(unfinished === undefined ? [] : [toUnfinished(unfinished)]),
      ...compare(declared, live),
      ...findOrphans(stack.project, live, owned, new Set(ignored)),
    ],
    notChecked: [...listNotChecked(declared, live), ...notChecked],
  };
  return { report, declared, explorer };
}

/** A repair takes over first what the account has: until it ends, the stack's state says the same. */
function toUnfinished(since: string): Difference {
  return {
    what: "the last --repair",
    expected: "done",
    found: `begun at ${since.slice(0, 19)}Z and not finished`,
    remedy: "What it was about may not show any more. `--repair` finishes it.",
    mend: "upload",
  };
}

/** What all stacks of this backend have, as far as they can be read. */
interface OwnedByStacks {
  readonly owned: Owned;
  readonly notChecked: readonly NotChecked[];
}

async function readOwned(stack: ProjectStack, declared: DeclaredStack): Promise<OwnedByStacks> {
  const names = await listStacks();
  const all = [declared];
  const notChecked: NotChecked[] = [];
  // One after the other: each is a run of the CLI.
  for (const name of names) {
    if (name === stack.name) continue;
    try {
      all.push(readDeclared(await readResources(name)));
    } catch (error) {
      // It may be gone since it was listed. What it has may look like an orphan.
      if (!(error instanceof UserError)) throw error;
      notChecked.push({ what: `what the stack ${name} has`, reason: error.message });
    }
  }
  const workers = names.map((name) => `${stack.project}-${toShortName(name)}`);
  return { owned: collectOwned(all, workers), notChecked };
}
