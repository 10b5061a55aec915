import { UserError } from "../../errors.ts";
import { listStacks } from "../stack/backend.ts";
import { type DeclaredStack, readDeclared } from "../stack/declared.ts";
import { createExplorer, type Explorer } from "../stack/explore.ts";
import { ahead } from "../stack/remembered.ts";
import { withoutStack } from "../stack/short-name.ts";
import type { ProjectStack } from "../stack/stack.ts";
import { findStackAccount } from "../stack/stack-account.ts";
import { pickSettings } from "../stack/stack-values.ts";
import { compareAddresses } from "./compare-addresses.ts";
import { compareStores } from "./compare-stores.ts";
import { compareWorker } from "./compare-worker.ts";
import {
  type Decided,
  type Difference,
  type DriftReport,
  type NotChecked,
  nothingDecided,
  readDecided,
} from "./difference.ts";
import { type Live, lookAtAccount } from "./live.ts";
import { lookForOrphans, readStacks } from "./look-for-orphans.ts";
import { parseRepairMark, repairTag } from "./repair-mark.ts";

export interface LookParts {
  readonly stack: ProjectStack;
  /** Names that are somebody else's, though they carry this project's naming. */
  readonly ignored: readonly string[];
  /** Whether what belongs to no stack of this backend is drift, too: right for a backend that has the account to itself. */
  readonly strictOrphans: boolean;
  /** Told what is being looked at. */
  readonly onBegin: (what: string) => void;
}

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
  const [config, listed] = [ahead(stack.config()), ahead(listStacks())];
  // With its secrets opened: the engine keeps all bindings as one, because there are secrets among them.
  const declared = readDeclared(await stack.resources(true));
  if (declared.worker === undefined && declared.namespaces.length === 0) {
    throw new UserError(
      `--stack: ${stack.name} has nothing deployed. \`npx pulumi up -s ${stack.name}\` deploys it.`,
    );
  }
  const values = await config;
  const account = findStackAccount(stack.project, values, "Account, Workers Scripts: Edit");
  const explorer = createExplorer(account);
  onBegin("what the account has");
  const names = await listed;
  const decided = readDecided(pickSettings(stack.project, values));
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
      ...compareStack(declared, live, decided),
      ...(strictOrphans ? orphans : []),
    ],
    orphans: strictOrphans ? [] : orphans,
    notChecked: [...listNotChecked(declared, live), ...notChecked],
  };
  return { report, declared, explorer };
}

/** A repair takes over first what the account has: until it ends, the stack's state says the same. */
function toUnfinished(mark: string): Difference {
  const since = parseRepairMark(mark)?.began;
  return {
    what: "the last --repair",
    expected: "done",
    found: `begun${since === undefined ? "" : ` at ${since.slice(0, 19)}Z`} and not finished`,
    remedy: "What it was about may not show any more. `--repair` finishes it.",
    mend: "upload",
  };
}

/** Every point in which the account differs from the stack. */
export function compareStack(
  declared: DeclaredStack,
  live: Live,
  decided: Decided = nothingDecided,
): Difference[] {
  return [
    ...findWorker(declared, live, decided),
    ...compareAddresses(declared, live, decided),
    ...compareStores(declared, live),
  ];
}

function findWorker(declared: DeclaredStack, live: Live, decided: Decided): Difference[] {
  const { worker } = declared;
  if (worker === undefined) {
    return [
      {
        what: "Worker",
        expected: "deployed",
        found: "not in the stack: its last `up` or `destroy` did not finish",
        remedy: "`--repair` deploys it, as `npx pulumi up` does.",
        mend: "refresh",
      },
    ];
  }
  if (live.worker !== undefined) return compareWorker(declared, live.worker, decided);
  return [
    {
      what: `Worker ${worker.scriptName}`,
      expected: "deployed",
      found: "missing, with everything its Durable Objects held",
      remedy:
        "`--repair` deploys it again. Connections in KV are still good; people's state is gone.",
      mend: "refresh",
    },
  ];
}

const notDeployed: NotChecked = {
  what: "code, version, secrets and cron triggers",
  reason: "the stack has adopted the Worker, and no `up` has deployed it yet",
};

/** Lists what the token was not allowed to look at, and what the stack's state does not show. */
export function listNotChecked(declared: DeclaredStack, live: Live): NotChecked[] {
  const parts: [string, Live["buckets"] | Live["otherZones"]][] = [
    ["KV namespaces", live.namespaces],
    ["D1 databases", live.databases],
    ["R2 buckets", live.buckets],
    ["Access applications and policies", live.access],
    ["routes of zones that the stack does not use", live.otherZones],
    ...[...live.routes].map(([zone, looked]): [string, Live["otherZones"]] => [
      `routes of the zone ${zone}${declared.zoneIds.includes(zone) ? "" : ", which the stack does not use"}`,
      looked,
    ]),
  ];
  return [
    ...(declared.isDeployed ? [] : [notDeployed]),
    ...declared.notShown,
    ...parts.flatMap(([what, looked]) =>
      "notChecked" in looked ? [{ what, reason: looked.notChecked }] : [],
    ),
  ];
}
