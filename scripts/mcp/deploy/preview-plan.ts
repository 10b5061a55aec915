import { join } from "node:path";
import { projectRoot } from "../../../infra/bundle.ts";
import { UserError } from "../../errors.ts";
import type { Changes, ProjectStack, RunOptions } from "../stack/stack.ts";
import { PreviewRecord } from "./planned-steps.ts";

/** What a preview said. */
export interface Preview extends Pick<PreviewRecord, "steps" | "violations"> {
  readonly changes: Changes;
  /** Why the policy pack was not asked; undefined where it was. */
  readonly withoutPolicies: string | undefined;
}

/** What is named where a CLI cannot run a policy pack: the pack, or the host of its language. */
const ofPolicies = /polic(y|ies)|analyzer|language (plugin|host)/i;

/**
 * What an `up` would do, with the policy pack where this machine's CLI can run one.
 * @throws UserError with what the engine reported.
 */
export async function previewPlan(
  stack: ProjectStack,
  options: Pick<RunOptions, "onWait" | "onEvent" | "patience">,
): Promise<Preview> {
  const record = new PreviewRecord();
  const observe = (into: PreviewRecord): RunOptions => ({
    ...options,
    onEvent(event) {
      into.take(event);
      options.onEvent?.(event);
    },
  });
  try {
    const policyPacks = [join(projectRoot, "infra/policy")];
    const changes = await stack.preview({ ...observe(record), policyPacks });
    return { ...record, changes, withoutPolicies: undefined };
  } catch (error) {
    // A rule that does not hold fails the preview too; the plan then says which.
    if (record.violations.some(({ isMandatory }) => isMandatory)) {
      return { ...record, changes: countSteps(record), withoutPolicies: undefined };
    }
    // The engine loads the packs before it runs the program: a step would be there otherwise.
    if (!(error instanceof UserError) || record.steps.length > 0) throw error;
    const reason = error.message.split("\n").find((line) => ofPolicies.test(line));
    if (reason === undefined) throw error;
    const again = new PreviewRecord();
    const changes = await stack.preview(observe(again));
    return { ...again, changes, withoutPolicies: reason.replace(/^error: /, "") };
  }
}

function countSteps({ steps }: PreviewRecord): Changes {
  const changing = steps.filter(({ op }) => op !== "same" && op !== "read");
  return Object.fromEntries(
    [...new Set(changing.map(({ op }) => op))].map((op) => [
      op,
      changing.filter((step) => step.op === op).length,
    ]),
  );
}
