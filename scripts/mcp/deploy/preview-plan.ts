import type { DeclaredProgram } from "../../../infra/declared-program.ts";
import { UserError } from "../../errors.ts";
import type { Changes, ProjectStack, RunOptions } from "../stack/stack.ts";
import { PreviewRecord } from "./planned-steps.ts";
import { findMissingHost, policyPack, refuseBrokenPack } from "./policy-pack.ts";

/** What a preview said. */
export interface Preview extends Pick<PreviewRecord, "steps" | "violations"> {
  /** What the program said that it declares; undefined where it did not come so far. */
  readonly declared: DeclaredProgram | undefined;
  readonly changes: Changes;
  /** Why the policy pack was not asked; undefined where it was. */
  readonly withoutPolicies: string | undefined;
}

/**
 * What an `up` would do, with the policy pack where this machine's CLI can run one.
 * @throws UserError with what the engine reported.
 */
export async function previewPlan(
  stack: ProjectStack,
  options: Pick<RunOptions, "onWait" | "onEvent" | "onTrouble" | "patience" | "refresh">,
): Promise<Preview> {
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
