import { confirmByName, confirmYes } from "../../terminal/confirm.ts";
import type { Prepared } from "./prepare.ts";
import { explainUnchecked } from "./preview-plan.ts";
import type { DeployOptions } from "./run.ts";

/**
 * Why a deployment that was prepared is not carried out: what the policy pack forbids, what nobody has
 * checked in production, what cannot be taken back. A plan is shown all the same, but for the first.
 */
export function findRefusal(
  stack: string,
  { forbidden, obstacles, isProduction, withoutPolicies }: Prepared,
  { plan, wayBack }: DeployOptions,
): string | undefined {
  if (forbidden.length > 0) {
    return `The policy pack forbids this deployment, and nothing was changed: ${forbidden.join(" ")}`;
  }
  if (plan) return undefined;
  if (isProduction && withoutPolicies !== undefined) {
    return explainUnchecked(stack, withoutPolicies);
  }
  if (obstacles.length > 0 && wayBack) {
    return `There is no way back from this deployment: ${obstacles.join("; and ")}. Nothing was changed. If it is meant, give --no-way-back: should doctor fail then, the new version stays.`;
  }
  return undefined;
}

/**
 * Production is confirmed by its name, other stacks by a yes. If nobody is at the terminal,
 * production needs --yes, and others continue: a CI runner deploys them at each push.
 * @throws UserError if it is not confirmed.
 */
export async function confirmDeployment(
  { isProduction, plan: { stack } }: Prepared,
  isConfirmed: boolean,
): Promise<void> {
  if (isConfirmed) return;
  if (isProduction) return confirmByName(stack, `${stack} is production.`, "--yes");
  if (process.stdin.isTTY && process.stderr.isTTY) await confirmYes("Deploy this?", "--yes");
}
