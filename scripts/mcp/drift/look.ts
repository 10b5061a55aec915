import { UserError } from "../../errors.ts";
import { pickSettings } from "../deploy/settings.ts";
import { type DeclaredStack, readDeclared } from "../stack/declared.ts";
import { createExplorer, type Explorer } from "../stack/explore.ts";
import { withoutStack } from "../stack/short-name.ts";
import type { ProjectStack } from "../stack/stack.ts";
import type { StackAccount } from "../stack/stack-account.ts";
import { listStacks } from "../stack/workspace.ts";
import { compare, listNotChecked } from "./compare.ts";
import { readDecided } from "./decided.ts";
import type { Difference, DriftReport } from "./difference.ts";
import { lookAtAccount } from "./live.ts";
import { lookForOrphans, readStacks } from "./look-for-orphans.ts";
import { parseMark, repairTag } from "./repair-mark.ts";

/** What a look needs. */
export interface LookParts {
  readonly stack: ProjectStack;
  /** Names that are somebody else's, though they carry this project's naming. */
  readonly ignored: readonly string[];
  /** Whether what belongs to no stack of this backend is drift, too: where one backend has the account. */
  readonly strictOrphans: boolean;
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
export async function lookForDrift(parts: LookParts): Promise<Look> {
  const { stack, ignored, strictOrphans, onBegin } = parts;
  onBegin("what the stack says");
  // With its secrets opened: the engine keeps all bindings as one, because there are secrets among them.
  const declared = readDeclared(await stack.resources(true));
  if (declared.worker === undefined && declared.namespaces.length === 0) {
    throw new UserError(
      `--stack: ${stack.name} has nothing deployed. \`npx pulumi up -s ${stack.name}\` deploys it.`,
    );
  }
  const account: StackAccount = await stack.account("Account, Workers Scripts: Edit");
  const explorer = createExplorer(account);
  onBegin("what the account has");
  const names = await listStacks();
  const decided = readDecided(pickSettings(stack.project, await stack.config()));
  const [live, tags, others] = await Promise.all([
    lookAtAccount(explorer, account, stack.shortName, declared),
    stack.tags(),
    readStacks(withoutStack(names, stack.name)),
  ]);
  const seen = { stack, declared, others, live, explorer, ignored };
  const { orphans, notChecked } = await lookForOrphans(seen);
  const unfinished = tags[repairTag];
  const report: DriftReport = {
    stack: stack.name,
    worker: declared.worker?.scriptName,
    looked: new Date().toISOString(),
    differences: [
      ...(unfinished === undefined ? [] : [toUnfinished(unfinished)]),
      ...compare(declared, live, decided),
      ...(strictOrphans ? orphans : []),
    ],
    orphans: strictOrphans ? [] : orphans,
    notChecked: [...listNotChecked(declared, live), ...notChecked],
  };
  return { report, declared, explorer };
}

/** A repair takes over first what the account has: until it ends, the stack's state says the same. */
function toUnfinished(mark: string): Difference {
  const since = parseMark(mark)?.began;
  return {
    what: "the last --repair",
    expected: "done",
    found: `begun${since === undefined ? "" : ` at ${since.slice(0, 19)}Z`} and not finished`,
    remedy: "What it was about may not show any more. `--repair` finishes it.",
    mend: "upload",
  };
}
