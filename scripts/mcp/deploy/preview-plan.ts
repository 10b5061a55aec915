import { join } from "node:path";
import { projectRoot } from "../../../infra/bundle.ts";
import type { DeclaredProgram } from "../../../infra/declared-program.ts";
import { UserError } from "../../errors.ts";
import type { Changes } from "../stack/engine-events.ts";
import type { ProjectStack, RunOptions } from "../stack/stack.ts";
import { PreviewRecord } from "./planned-steps.ts";

export interface PlanPreview extends Pick<PreviewRecord, "steps" | "violations"> {
  /** The program's declaration; undefined if it ended before it had one. */
  readonly declared: DeclaredProgram | undefined;
  readonly changes: Changes;
  /** Why the policy pack was not asked; undefined if it was. */
  readonly withoutPolicies: string | undefined;
}

/**
 * What an `up` would do, with the policy pack if this machine's CLI can run one.
 * @throws UserError with what the engine reported.
 */
export async function previewPlan(
  stack: ProjectStack,
  options: Pick<RunOptions, "onWait" | "onEvent" | "onTrouble" | "patience" | "refresh">,
): Promise<PlanPreview> {
  const record = new PreviewRecord();
  let declared: DeclaredProgram | undefined;
  const parts: RunOptions["parts"] = {
    onDeclared(told) {
      declared = told;
    },
  };
  const observe = (into: PreviewRecord): RunOptions => ({
    ...options,
    parts,
    onEvent(event) {
      into.take(event);
      options.onEvent?.(event);
    },
  });
  try {
    const changes = await stack.preview({ ...observe(record), policyPacks: [policyPack] });
    return { ...record, declared, changes, withoutPolicies: undefined };
  } catch (error) {
    // A rule that does not hold fails the preview too; the plan then says which.
    if (record.violations.some(({ isMandatory }) => isMandatory)) {
      return { ...record, declared, changes: countSteps(record), withoutPolicies: undefined };
    }
    // The engine loads the packs before it runs the program: a step would be there otherwise.
    if (!(error instanceof UserError) || record.steps.length > 0) throw error;
    refuseBrokenPack(error.message);
    const reason = findMissingHost(error.message);
    if (reason === undefined) throw error;
    const again = new PreviewRecord();
    const changes = await stack.preview(observe(again));
    return { ...again, declared, changes, withoutPolicies: reason };
  }
}

function countSteps({ steps }: PreviewRecord): Changes {
  const changing = steps.filter(({ op }) => !["same", "read", "discard"].includes(op));
  return Object.fromEntries(
    [...new Set(changing.map(({ op }) => op))].map((op) => [
      op,
      changing.filter((step) => step.op === op).length,
    ]),
  );
}

/** Folder of this project's policy pack. */
const policyPack = join(projectRoot, "infra/policy");

/** The CLI's words when it lacks the plugin that runs packs of this language. */
const missingHost =
  /(analyzer plugin that runs policy plugins is missing|no (analyzer|language) plugin '[\w-]*nodejs' found)/;

/**
 * Why this machine's CLI runs no policy pack at all, in its words; undefined if that is not what it
 * says: a pack that is there and fails counts as one that forbids.
 */
export function findMissingHost(said: string): string | undefined {
  const line = said.split("\n").find((each) => missingHost.test(each));
  return line?.replace(/^error: /, "").trim();
}

/** @throws UserError if the CLI says that the pack itself does not start. */
export function refuseBrokenPack(said: string): void {
  if (!/policy pack ".*" failed to (start|load)/.test(said)) return;
  const [cause = said.split("\n")[0]] = /\b\w*Error: [^\n]*/.exec(said) ?? [];
  throw new UserError(
    `infra/policy: the policy pack does not start, so nobody can say whether its rules hold. Nothing was changed. Fix it; \`npx vitest run infra/policy\` tests it. It says: ${cause}`,
  );
}

/** Why a production stack of which no rule was checked is not deployed. */
export function explainUnchecked(stack: string, withoutPolicies: string): string {
  return `infra/policy: ${stack} is production, and this machine's Pulumi CLI cannot run policy packs, so nobody has checked the rules that hold for it. Nothing was changed. Install the whole CLI, with its language hosts (https://www.pulumi.com/docs/install/; npm's package \`pulumi\` fetches it, too), and run this again. The CLI says: ${withoutPolicies}`;
}
