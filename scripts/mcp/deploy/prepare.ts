import { createAsker, permission } from "../../../infra/ask-cloudflare.ts";
import { hashMainModule, type StoredVersion } from "../../../infra/deployed-worker.ts";
import { resourceType } from "../../../infra/resource-types.ts";
import { UserError } from "../../errors.ts";
import type { SignIn } from "../doctor/examination.ts";
import type { ProjectStack, RunOptions } from "../stack/stack.ts";
import { findStackAccount } from "../stack/stack-account.ts";
import {
  compareSettings,
  pickSettings,
  readSetting,
  type StackValues,
} from "../stack/stack-values.ts";
import { createPlan, type DeployPlan, describePolicies } from "./deploy-plan.ts";
import { readOrigin } from "./describe-losses.ts";
import { chooseGateSignIn, describeSignIn, refuseHalfGate } from "./gate.ts";
import { findObstacles } from "./obstacles.ts";
import { isUploaded, type PlanFacts } from "./planned-steps.ts";
import { previewPlan } from "./preview-plan.ts";
import { fetchServing, fetchVersion, type WorkerParts } from "./served-version.ts";
import {
  listPastUpdates,
  type PastUpdate,
  type PendingWayBack,
  readPending,
  rehearseWayBack,
  type WayBack,
} from "./way-back.ts";

/** Everything that is known before anything is deployed. */
export interface Prepared {
  readonly plan: DeployPlan;
  readonly worker: WorkerParts;
  readonly now: StackValues;
  readonly isProduction: boolean;
  readonly signIn: SignIn;
  /** Whether nothing serves yet. */
  readonly isFirst: boolean;
  /** Whether the Worker is uploaded, so that another version serves afterwards. */
  readonly uploads: boolean;
  /** Whether the stack remembers a way back that an earlier run did not end. */
  readonly hasPending: boolean;
  /** Where a failing doctor leads back to; undefined if nowhere. */
  readonly wayBack: WayBack | undefined;
  /** Why it leads nowhere though something serves. */
  readonly obstacles: readonly string[];
  /** Rules of the policy pack that forbid it. */
  readonly forbidden: readonly string[];
  /** Why no rule of it was checked; undefined if they were. */
  readonly withoutPolicies: string | undefined;
}

export interface PrepareParts {
  readonly stack: ProjectStack;
  /** A sign-in for doctor that was given. */
  readonly given: SignIn | undefined;
  readonly options: Pick<RunOptions, "onEvent" | "onWait" | "onTrouble" | "patience">;
  /** Told what is being done. */
  readonly onStep: (what: string) => void;
}

/** Looks at everything, and changes nothing. @throws UserError for what cannot be deployed. */
export async function prepare({ stack, given, options, onStep }: PrepareParts): Promise<Prepared> {
  onStep("reading the stack");
  const [config, pending, updates] = await Promise.all([
    stack.config(),
    // A stack that this command has just made remembers nothing.
    stack.isNew ? undefined : readPending(stack),
    stack.isNew ? [] : listPastUpdates(stack),
  ]);
  const now = pickSettings(stack.project, config);
  const isProduction = readSetting(now, "environment") === "production";
  const signIn = chooseGateSignIn(given, now);
  refuseHalfGate(stack.name, now, signIn);

  const account = findStackAccount(stack.project, config, permission.scripts);
  const { accountId } = account;
  const scriptName = now.scriptName?.value ?? `${stack.project}-${stack.shortName}`;
  const worker = { asker: createAsker(account), accountId, scriptName };
  onStep("asking Cloudflare what serves, and Pulumi what would change");
  const [{ serving, before, isPending }, preview] = await Promise.all([
    findBefore(worker, updates, pending),
    // A way back whose answer was lost is in the account and not in the state.
    previewPlan(stack, { ...options, refresh: pending !== undefined }),
  ]);
  const facts: PlanFacts = {
    stack: stack.name,
    scriptName,
    steps: preview.steps,
    declared: preview.declared,
    before: before?.settings,
    now,
    settings: compareSettings(before?.settings ?? {}, now),
    serving: serving && {
      ...serving,
      moduleCount: serving.modules.length,
      sha256: hashMainModule(serving.modules),
      origin: readOrigin(serving.bindings.find(({ name }) => name === "SETTINGS")?.json),
    },
    isFirst: isFirst({ serving, updates, now, steps: preview.steps }),
  };
  const isEmpty = Object.keys(preview.changes).length === 0;
  const obstacles = isEmpty && !isPending ? [] : findObstacles(facts);
  const found =
    serving === undefined || before === undefined || obstacles.length > 0 || (isEmpty && !isPending)
      ? undefined
      : { version: serving, update: before };
  if (found !== undefined) {
    onStep("trying the way back");
    obstacles.push(...(await tryWayBack({ stack, wayBack: found, now, options })));
  }
  const wayBack = obstacles.length > 0 ? undefined : found;
  return {
    plan: createPlan(facts, {
      environment: readSetting(now, "environment") ?? "development",
      isEmpty,
      wayBack: describeWayBack({ serving, isEmpty, isPending, obstacles }),
      doctor: describeSignIn(signIn),
      policies:
        preview.withoutPolicies === undefined
          ? describePolicies(preview.violations)
          : [
              `not asked: this machine's Pulumi CLI cannot run policy packs (${preview.withoutPolicies})`,
            ],
    }),
    worker,
    now,
    isProduction,
    signIn,
    isFirst: serving === undefined,
    uploads: isUploaded(preview.steps),
    hasPending: pending !== undefined,
    wayBack,
    obstacles,
    forbidden: preview.violations
      .filter(({ isMandatory }) => isMandatory)
      .map(({ message }) => message),
    withoutPolicies: preview.withoutPolicies,
  };
}

/**
 * Whether nothing was ever deployed. That nothing serves does not say so: after somebody has deleted the
 * Worker, the connections in its KV namespace are still good.
 */
function isFirst(known: {
  readonly serving: StoredVersion | undefined;
  readonly updates: readonly PastUpdate[];
  readonly now: StackValues;
  readonly steps: PlanFacts["steps"];
}): boolean {
  const { serving, updates, now, steps } = known;
  const hasStore = steps.some(({ type, op }) => type === resourceType.namespace && op !== "create");
  return (
    serving === undefined && updates.length === 0 && !hasStore && now.kvNamespaceId === undefined
  );
}

/** Finds the version to restore if doctor fails: the one that serves, or the one from before an interrupted run. */
async function findBefore(
  worker: WorkerParts,
  updates: readonly PastUpdate[],
  pending: PendingWayBack | undefined,
) {
  const before = updates.find(({ began }) => began === pending?.began);
  if (pending !== undefined && before !== undefined) {
    const serving = await fetchVersion(worker, pending.version);
    if (serving !== undefined) return { serving, before, isPending: true };
  }
  return { serving: await fetchServing(worker), before: updates[0], isPending: false };
}

/** @returns why it cannot be walked; nothing if it can. */
async function tryWayBack(run: Parameters<typeof rehearseWayBack>[0]): Promise<string[]> {
  try {
    await rehearseWayBack(run);
    return [];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [`this checkout's program refuses what served before: ${error.message}`];
  }
}

function describeWayBack(known: {
  readonly serving: StoredVersion | undefined;
  readonly isEmpty: boolean;
  readonly isPending: boolean;
  readonly obstacles: readonly string[];
}): string {
  const { serving, isEmpty, isPending, obstacles } = known;
  if (serving === undefined) {
    return "this is the first deployment: there is nothing to go back to, and what was made stays";
  }
  if (obstacles.length > 0) return `there is no way back, because ${obstacles.join("; and ")}`;
  if (isPending) {
    return `an earlier run ended before its doctor did: the version from before it, ${name(serving)}, is restored with its settings`;
  }
  if (isEmpty) return "nothing is restored: this run deploys nothing";
  return `the code and settings that serve now, ${name(serving)}, are restored`;
}

function name({ id, source }: StoredVersion): string {
  return source === undefined ? `version ${id}` : `version ${source} (${id})`;
}
